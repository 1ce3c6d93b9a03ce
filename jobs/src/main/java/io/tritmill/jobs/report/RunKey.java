package io.tritmill.jobs.report;

/**
 * The columns that begin every table, so that tables of many runs can be joined.
 *
 * @param runId name of the run
 * @param recipeSha256 checksum of the recipe with every default written out
 * @param modelId URI of the checkpoint
 * @param modelRevision fingerprint of the checkpoint
 */
public record RunKey(String runId, String recipeSha256, String modelId, String modelRevision) {}
