package io.tritmill.kernels.model.config;

/**
 * The sizes that every family has.
 *
 * @param vocabulary rows of the embedding
 * @param hidden width of the residual stream
 * @param intermediate width inside the feed-forward
 * @param blocks number of transformer blocks
 * @param heads query heads
 * @param keyValueHeads key and value heads, a divisor of heads
 * @param headSize width of a head, even
 * @param normEpsilon of the norms
 * @param maxPositions positions that the model was made for
 * @param bosToken id that begins a sequence; -1 when the model has none
 */
public record Sizes(
    int vocabulary,
    int hidden,
    int intermediate,
    int blocks,
    int heads,
    int keyValueHeads,
    int headSize,
    float normEpsilon,
    int maxPositions,
    int bosToken) {
  /** Refuses sizes that no model has. */
  public Sizes {
    if (heads % keyValueHeads != 0) {
      throw new IllegalArgumentException(
          "num_attention_heads %d is no multiple of num_key_value_heads %d"
              .formatted(heads, keyValueHeads));
    }
    if (headSize < 1) {
      throw new IllegalArgumentException("head_dim is %d, expected at least 1".formatted(headSize));
    }
    if (headSize % 2 != 0) {
      throw new IllegalArgumentException(
          "head_dim %d is odd; rotary pairs need an even one".formatted(headSize));
    }
    if ((long) heads * headSize > Integer.MAX_VALUE) {
      throw new IllegalArgumentException(
          "num_attention_heads is %d and head_dim %d, expected a product below 2^31"
              .formatted(heads, headSize));
    }
  }

  /**
   * What counts where config.json says nothing.
   *
   * @param keyValueHeads 0 for as many as query heads
   * @param headSize 0 for hidden / heads
   * @param bosToken -1 for none
   */
  public record Defaults(
      int vocabulary,
      int hidden,
      int intermediate,
      int blocks,
      int heads,
      int keyValueHeads,
      int headSize,
      double normEpsilon,
      int maxPositions,
      int bosToken) {}

  /** The same with other heads for keys and values, of another width. */
  public Sizes withHeads(int otherKeyValueHeads, int otherHeadSize) {
    return new Sizes(
        vocabulary,
        hidden,
        intermediate,
        blocks,
        heads,
        otherKeyValueHeads,
        otherHeadSize,
        normEpsilon,
        maxPositions,
        bosToken);
  }

  /**
   * Reads them under their usual keys.
   *
   * @throws IllegalArgumentException if one is of the wrong type or outside its domain
   */
  public static Sizes read(ConfigValues values, Defaults otherwise) {
    int hidden = values.integer("hidden_size", otherwise.hidden());
    int heads = values.integer("num_attention_heads", otherwise.heads());
    int sharing = otherwise.keyValueHeads() == 0 ? heads : otherwise.keyValueHeads();
    int size = hidden / heads;
    int headSize = otherwise.headSize() == 0 ? size : otherwise.headSize();
    int vocabulary = values.integer("vocab_size", otherwise.vocabulary());
    return new Sizes(
        vocabulary,
        hidden,
        values.integer("intermediate_size", otherwise.intermediate()),
        values.integer("num_hidden_layers", otherwise.blocks()),
        heads,
        values.integer("num_key_value_heads", sharing, heads),
        values.integer("head_dim", headSize, size),
        (float) values.decimal("rms_norm_eps", otherwise.normEpsilon()),
        values.integer("max_position_embeddings", otherwise.maxPositions()),
        bosToken(values, vocabulary, otherwise.bosToken()));
  }

  /** The same with heads of another width than config.json says. */
  public Sizes withHeadSize(int size) {
    return new Sizes(
        vocabulary,
        hidden,
        intermediate,
        blocks,
        heads,
        keyValueHeads,
        size,
        normEpsilon,
        maxPositions,
        bosToken);
  }

  private static int bosToken(ConfigValues values, int vocabulary, int otherwise) {
    boolean none = values.has("bos_token_id") && values.values().get("bos_token_id") == null;
    if (none || !values.has("bos_token_id") && otherwise < 0) {
      return -1;
    }
    int token = values.integer("bos_token_id", otherwise);
    if (token < 0 || token >= vocabulary) {
      throw new IllegalArgumentException(
          "bos_token_id is %d, but vocab_size is %d; give the id of a token, or null for none"
              .formatted(token, vocabulary));
    }
    return token;
  }
}
