package io.tritmill.jobs.hub;

/**
 * A file in the list of a commit.
 *
 * @param length its bytes
 * @param tag the checksum that the Hub names it by; empty where none is known
 */
record Entry(long length, String tag) {}
