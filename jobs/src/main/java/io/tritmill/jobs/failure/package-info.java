/**
 * How things end: exit codes, and the one exception for what users gave.
 *
 * <p>Depends on nothing.
 */
package io.tritmill.jobs.failure;
