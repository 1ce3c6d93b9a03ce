package io.tritmill.jobs.format;

import java.io.Serializable;

/**
 * A run of bytes in a file that is copied into another.
 *
 * @param file URI of the file
 * @param offset first byte
 * @param bytes number of bytes
 */
public record Segment(String file, long offset, long bytes) implements Serializable {}
