/**
 * What a run will do, decided from headers alone.
 *
 * <p>Here: which tensor gets which method, where bands are cut, what it costs. Nothing here reads a
 * weight or starts a Spark job.
 */
package io.tritmill.jobs.plan;
