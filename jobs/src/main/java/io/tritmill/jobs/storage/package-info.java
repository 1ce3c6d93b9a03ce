/**
 * Files on any Hadoop file system.
 *
 * <p>Here: paths, bytes, streams. Not here: what the bytes mean.
 */
package io.tritmill.jobs.storage;
