/**
 * Spark as the rest of the project sees it: a session, and work over a list.
 *
 * <p>Not here: what the work is.
 */
package io.tritmill.jobs.spark;
