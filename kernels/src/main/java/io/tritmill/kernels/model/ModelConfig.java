package io.tritmill.kernels.model;

import java.util.Set;

/**
 * The sizes and constants of a decoder-only transformer.
 *
 * @param modelType the family's name in config.json
 * @param vocabulary rows of the embedding
 * @param hidden width of the residual stream
 * @param intermediate width inside the feed-forward
 * @param blocks number of transformer blocks
 * @param heads query heads
 * @param keyValueHeads key and value heads, a divisor of heads
 * @param headSize width of a head, even
 * @param normEpsilon added to the mean square in RMSNorm
 * @param rope rotary position embedding
 * @param biased linear modules that have a bias
 * @param tiedHead whether the head is the embedding
 * @param slidingWindow keys that a position sees, itself included; 0 for all
 * @param maxPositions positions that the model was made for
 * @param bosToken id that begins a sequence; -1 when the model has none
 */
public record ModelConfig(
    String modelType,
    int vocabulary,
    int hidden,
    int intermediate,
    int blocks,
    int heads,
    int keyValueHeads,
    int headSize,
    float normEpsilon,
    Rope rope,
    Set<Role> biased,
    boolean tiedHead,
    int slidingWindow,
    int maxPositions,
    int bosToken) {
  public ModelConfig {
    requirePositive("vocab_size", vocabulary);
    requirePositive("hidden_size", hidden);
    requirePositive("intermediate_size", intermediate);
    requirePositive("num_hidden_layers", blocks);
    requirePositive("num_attention_heads", heads);
    requirePositive("num_key_value_heads", keyValueHeads);
    requirePositive("head_dim", headSize);
    if (heads % keyValueHeads != 0) {
      throw new IllegalArgumentException(
          "num_attention_heads %d is no multiple of num_key_value_heads %d"
              .formatted(heads, keyValueHeads));
    }
    if (headSize % 2 != 0) {
      throw new IllegalArgumentException(
          "head_dim %d is odd; rotary pairs need an even one".formatted(headSize));
    }
    biased = Set.copyOf(biased);
  }

  /** Weights of the linear modules of a block. */
  public long blockWeights() {
    long attention = 2L * (heads + keyValueHeads) * headSize * hidden;
    return attention + 3L * hidden * intermediate;
  }

  private static void requirePositive(String key, int value) {
    if (value < 1) {
      throw new IllegalArgumentException("%s is %d, expected at least 1".formatted(key, value));
    }
  }
}
