/**
 * What a person sees while a command works: a line a step, the time that is left, and a sign of
 * life where a step takes long.
 *
 * <p>Not here: what the steps are. Depends on nothing of ours.
 */
package io.tritmill.jobs.progress;
