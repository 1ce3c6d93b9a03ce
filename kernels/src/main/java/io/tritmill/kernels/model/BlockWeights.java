package io.tritmill.kernels.model;

/**
 * The weights of one transformer block.
 *
 * @param attentionNorm gains of the RMSNorm before attention, (hidden)
 * @param query (heads * headSize, hidden)
 * @param key (keyValueHeads * headSize, hidden)
 * @param value (keyValueHeads * headSize, hidden)
 * @param output (hidden, heads * headSize)
 * @param feedForwardNorm gains of the RMSNorm before the feed-forward, (hidden)
 * @param gate (intermediate, hidden)
 * @param up (intermediate, hidden)
 * @param down (hidden, intermediate)
 */
public record BlockWeights(
    float[] attentionNorm,
    Linear query,
    Linear key,
    Linear value,
    Linear output,
    float[] feedForwardNorm,
    Linear gate,
    Linear up,
    Linear down) {}
