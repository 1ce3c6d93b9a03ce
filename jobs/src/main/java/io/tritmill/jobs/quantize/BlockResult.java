package io.tritmill.jobs.quantize;

import io.tritmill.jobs.calibrate.stream.HiddenError;

/**
 * What is known of a block whose layers learned from data.
 *
 * @param hidden error of the compressed stream behind it; null where it was not propagated
 * @param wallNanos time that it took on the cluster, which other blocks may have shared
 * @param calibrateNanos time of that in which the inputs of its layers were computed and summed
 */
record BlockResult(HiddenError hidden, long wallNanos, long calibrateNanos) {}
