package io.tritmill.kernels.model;

/**
 * The forward pass of a block, the only one there is: calibration, evaluation and generation run
 * it.
 *
 * <pre>
 * x = x + output(attention(query(n), key(n), value(n)))    n = RMSNorm(x)
 * x = x + down(SiLU(gate(m)) * up(m))                      m = RMSNorm(x)
 * </pre>
 *
 * Sequences stand one after another in the rows of x. Linear modules run over many sequences at
 * once and attention over each alone, so the bits of a sequence do not depend on its neighbours.
 * Scratch is for one slab (whole sequences up to {@value #SLAB} tokens, or one that is longer) and
 * serves every block of the model. One thread at a time.
 */
public final class TransformerBlock {
  /** Tokens that linear modules run over at once. */
  public static final int SLAB = 512;

  private final ModelConfig config;
  private final Attention attention;
  private final FeedForward feedForward;
  private final float[] normed; // (slab, hidden)
  private final float[] query; // (slab, heads * headSize)
  private final float[] key; // (slab, keyValueHeads * headSize)
  private final float[] value; // (slab, keyValueHeads * headSize)
  private TapSite last; // where the half at hand stops; null for nowhere

  /**
   * Makes room for sequences of up to so many tokens.
   *
   * @param longest tokens of the longest sequence, at least 1
   */
  public TransformerBlock(ModelConfig config, int longest) {
    this(config, Rotations.NONE, longest);
  }

  /**
   * Makes room for sequences of up to so many tokens of a rotated model.
   *
   * @param rotations of the model whose blocks will be run
   * @param longest tokens of the longest sequence, at least 1
   */
  public TransformerBlock(ModelConfig config, Rotations rotations, int longest) {
    this.config = config;
    int slab = Math.max(SLAB, longest);
    attention = new Attention(config, longest);
    feedForward = new FeedForward(config, rotations, SLAB);
    normed = new float[Math.multiplyExact(slab, config.hidden())];
    query = new float[Math.multiplyExact(slab, config.heads() * config.headSize())];
    key = new float[Math.multiplyExact(slab, config.keyValueHeads() * config.headSize())];
    value = new float[key.length];
  }

  /**
   * Runs a block.
   *
   * @param weights the block
   * @param x (sum of lengths, hidden): what enters the block; becomes what leaves it
   * @param lengths tokens of each sequence, none longer than the longest there is room for
   * @param taps see what enters the linear modules
   */
  public void forward(BlockWeights weights, float[] x, int[] lengths, Taps taps) {
    forward(weights, x, lengths, taps, true, true);
  }

  /**
   * The first half of a block: x = x + output(attention(query(n), key(n), value(n))).
   *
   * @param last where to stop: when all tokens were seen there, x is as it was; null to go through
   */
  public void attend(BlockWeights weights, float[] x, int[] lengths, Taps taps, TapSite last) {
    this.last = last;
    forward(weights, x, lengths, taps, true, false);
    this.last = null;
  }

  /**
   * The second half of a block: x = x + down(SiLU(gate(m)) * up(m)).
   *
   * @param last where to stop: when all tokens were seen there, x is as it was; null to go through
   */
  public void feedForward(BlockWeights weights, float[] x, int[] lengths, Taps taps, TapSite last) {
    this.last = last;
    forward(weights, x, lengths, taps, false, true);
    this.last = null;
  }

  /**
   * Ends a half that stopped at its last module, for some tokens: x = x + module(inputs).
   *
   * @param module output or down of the block
   * @param tokens at most {@value #SLAB}
   * @param inputs (tokens, the module's inputs): what was seen there, perhaps with room after it
   * @param x (all tokens, hidden): the stream before the half
   * @param at the first of the tokens
   */
  public void leaveHalf(Linear module, int tokens, float[] inputs, float[] x, int at) {
    int hidden = config.hidden();
    module.apply(tokens, inputs, normed);
    addTo(x, at * hidden, normed, tokens * hidden);
  }

  private void forward(
      BlockWeights weights,
      float[] x,
      int[] lengths,
      Taps taps,
      boolean firstHalf,
      boolean secondHalf) {
    int at = 0;
    for (int first = 0, next = 0; first < lengths.length; first = next) {
      int tokens = lengths[next++];
      while (next < lengths.length && tokens + lengths[next] <= SLAB) {
        tokens += lengths[next++];
      }
      if (firstHalf) {
        attend(weights, x, at, tokens, lengths, first, next, taps);
      }
      for (int done = 0; secondHalf && done < tokens; done += SLAB) {
        feedForward(weights, x, at + done, Math.min(SLAB, tokens - done), taps);
      }
      at += tokens;
    }
  }

  /** x = x + output(attention(RMSNorm(x))) for sequences [first, next), which begin at row at. */
  private void attend(
      BlockWeights weights,
      float[] x,
      int at,
      int tokens,
      int[] lengths,
      int first,
      int next,
      Taps taps) {
    int hidden = config.hidden();
    RmsNorm.apply(tokens, weights.attentionNorm(), config.normEpsilon(), x, at * hidden, normed, 0);
    taps.see(TapSite.ATTENTION, tokens, hidden, normed);
    if (last == TapSite.ATTENTION) {
      return;
    }
    weights.query().apply(tokens, normed, query);
    weights.key().apply(tokens, normed, key);
    weights.value().apply(tokens, normed, value);
    int row = 0;
    for (int sequence = first; sequence < next; sequence++) {
      attention.forward(row, lengths[sequence], query, key, value, taps);
      row += lengths[sequence];
    }
    taps.see(TapSite.OUTPUT, tokens, config.heads() * config.headSize(), query);
    if (last == TapSite.OUTPUT) {
      return;
    }
    weights.output().apply(tokens, query, normed);
    addTo(x, at * hidden, normed, tokens * hidden);
  }

  /** x = x + feedForward(RMSNorm(x)) for rows [at, at + tokens). */
  private void feedForward(BlockWeights weights, float[] x, int at, int tokens, Taps taps) {
    int hidden = config.hidden();
    RmsNorm.apply(
        tokens, weights.feedForwardNorm(), config.normEpsilon(), x, at * hidden, normed, 0);
    taps.see(TapSite.FEED_FORWARD, tokens, hidden, normed);
    if (last == TapSite.FEED_FORWARD) {
      return;
    }
    feedForward.activate(weights, tokens, normed, taps);
    if (last == TapSite.DOWN) {
      return;
    }
    feedForward.reduce(weights, tokens, normed);
    addTo(x, at * hidden, normed, tokens * hidden);
  }

  private static void addTo(float[] x, int at, float[] addend, int count) {
    for (int i = 0; i < count; i++) {
      x[at + i] += addend[i];
    }
  }
}
