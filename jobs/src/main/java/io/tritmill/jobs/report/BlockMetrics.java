package io.tritmill.jobs.report;

import java.util.Optional;

/**
 * A row of {@code blocks}: what the hidden state is like after a block of the compressed model.
 *
 * @param run whose block it is
 * @param layerIndex index of the block
 * @param hiddenRelErr ||h - h'|| / ||h|| over all tokens
 * @param hiddenCosine of the angle between h and h', over all tokens
 * @param calibTokens tokens that it was measured on; none where it was not measured
 * @param wallMs milliseconds in which its inputs were summed and its layers fitted, where these
 *     learn from data; otherwise those of its tasks together
 * @param calibrateMs milliseconds of these in which the inputs of its layers were computed and
 *     summed; none where they learn from nothing
 */
public record BlockMetrics(
    RunKey run,
    int layerIndex,
    double hiddenRelErr,
    double hiddenCosine,
    Optional<Long> calibTokens,
    long wallMs,
    Optional<Long> calibrateMs) {}
