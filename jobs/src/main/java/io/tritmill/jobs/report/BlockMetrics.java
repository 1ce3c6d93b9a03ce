package io.tritmill.jobs.report;

/**
 * A row of {@code blocks}: what the hidden state is like after a block of the compressed model.
 *
 * @param run whose block it is
 * @param layerIndex index of the block
 * @param hiddenRelErr ||h - h'|| / ||h|| over all tokens
 * @param hiddenCosine of the angle between h and h', over all tokens
 * @param calibTokens tokens that it was measured on
 * @param wallMs milliseconds from the block's start to its end
 */
public record BlockMetrics(
    RunKey run,
    int layerIndex,
    double hiddenRelErr,
    double hiddenCosine,
    long calibTokens,
    long wallMs) {}
