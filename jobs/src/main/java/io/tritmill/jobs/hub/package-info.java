/**
 * The Hugging Face Hub as a file system of Hadoop that is only read: {@code hf://ORG/NAME@REVISION}
 * and {@code hf://datasets/ORG/NAME@REVISION}.
 *
 * <p>Here: what a path means, requests and their second tries, the list of a revision's files, byte
 * ranges of them, the cache of the Hub's own client. Not here: what the bytes mean, nor anything of
 * ours but {@code failure}.
 */
package io.tritmill.jobs.hub;
