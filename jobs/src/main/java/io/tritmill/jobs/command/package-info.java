/**
 * The command line: one class a command, its javadoc and its help the manual.
 *
 * <p>Here: options, printing, exit codes. Not here: work.
 */
package io.tritmill.jobs.command;
