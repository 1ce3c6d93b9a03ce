package io.tritmill.kernels.model.forward;

import io.tritmill.kernels.model.Architecture;
import io.tritmill.kernels.model.Attention;
import io.tritmill.kernels.model.FeedForward;
import io.tritmill.kernels.model.Rotations;
import io.tritmill.kernels.model.Site;
import io.tritmill.kernels.model.Sublayer;

/**
 * The forward pass of a model's sublayers, the only one there is: calibration, evaluation and
 * generation run it.
 *
 * <pre>
 * x = x + multiplier * after(operator(before(x)))
 * </pre>
 *
 * Sequences stand one after another in the rows of x. Linear modules run over many sequences at
 * once and attention over each alone, so the bits of a sequence do not depend on its neighbours.
 * Scratch is for one slab (whole sequences up to {@value #SLAB} tokens, or one that is longer) and
 * serves every sublayer of the model. One thread at a time.
 */
public final class ForwardPass {
  /** Tokens that linear modules run over at once. */
  public static final int SLAB = 512;

  private final int hidden;
  private final int slab;
  private final AttentionPass attention;
  private final FeedForwardPass feedForward;
  private final float[] normed; // (slab, hidden)
  private float[] query = {}; // (slab, heads * headSize)
  private float[] key = {}; // (slab, keyValueHeads * headSize)
  private float[] value = {}; // (slab, keyValueHeads * headSize)

  /**
   * Makes room for sequences of up to so many tokens.
   *
   * @param longest tokens of the longest sequence, at least 1
   */
  public ForwardPass(Architecture model, int longest) {
    this(model, Rotations.NONE, longest);
  }

  /**
   * Makes room for sequences of up to so many tokens of a rotated model.
   *
   * @param rotations of the model whose sublayers will be run
   * @param longest tokens of the longest sequence, at least 1
   */
  public ForwardPass(Architecture model, Rotations rotations, int longest) {
    hidden = model.hidden();
    slab = Math.max(SLAB, longest);
    attention = new AttentionPass(longest);
    feedForward = new FeedForwardPass(rotations, SLAB);
    normed = new float[Math.multiplyExact(slab, hidden)];
  }

  /**
   * Runs a sublayer.
   *
   * @param x (sum of lengths, hidden): what enters it; becomes what leaves it
   * @param lengths tokens of each sequence, none longer than the longest there is room for
   * @param taps see what enters the linear modules
   */
  public void run(Sublayer sublayer, SublayerWeights weights, float[] x, int[] lengths, Taps taps) {
    run(sublayer, weights, x, lengths, taps, null);
  }

  /**
   * Runs a sublayer up to a site.
   *
   * @param last where to stop: when all tokens were seen there, x is as it was; null to go through
   */
  public void run(
      Sublayer sublayer, SublayerWeights weights, float[] x, int[] lengths, Taps taps, Site last) {
    int at = 0;
    for (int first = 0, next = 0; first < lengths.length; first = next) {
      int tokens = lengths[next++];
      while (next < lengths.length && tokens + lengths[next] <= SLAB) {
        tokens += lengths[next++];
      }
      Rows rows = new Rows(sublayer, weights, x, taps, last);
      switch (sublayer.operator()) {
        case Attention module -> rows.attend(module, at, tokens, lengths, first, next);
        case FeedForward module -> {
          for (int done = 0; done < tokens; done += SLAB) {
            rows.feedForward(module, at + done, Math.min(SLAB, tokens - done));
          }
        }
      }
      at += tokens;
    }
  }

  /**
   * Ends a sublayer that stopped at its last module, for some tokens.
   *
   * @param tokens at most {@value #SLAB}
   * @param inputs (tokens, the module's inputs): what was seen there, perhaps with room after it
   * @param x (all tokens, hidden): the stream before the sublayer
   * @param at the first of the tokens
   */
  public void leave(
      Sublayer sublayer, SublayerWeights weights, int tokens, float[] inputs, float[] x, int at) {
    weights.linear(sublayer.operator().last()).apply(tokens, inputs, normed);
    add(sublayer, weights, tokens, x, at);
  }

  /** x = x + multiplier * after(normed), for rows from at on. */
  private void add(Sublayer sublayer, SublayerWeights weights, int tokens, float[] x, int at) {
    if (sublayer.after() != null) {
      float[] gains = weights.gains(sublayer.after());
      Normalization.apply(sublayer.after(), tokens, gains, normed, 0, normed, 0);
    }
    int from = at * hidden;
    int count = tokens * hidden;
    if (sublayer.multiplier() == 1) {
      for (int i = 0; i < count; i++) {
        x[from + i] += normed[i];
      }
    } else {
      float multiplier = sublayer.multiplier();
      for (int i = 0; i < count; i++) {
        x[from + i] += normed[i] * multiplier;
      }
    }
  }

  /** Some rows of x on their way through a sublayer. */
  private final class Rows {
    private final Sublayer sublayer;
    private final SublayerWeights weights;
    private final float[] x;
    private final Taps taps;
    private final Site last;

    Rows(Sublayer sublayer, SublayerWeights weights, float[] x, Taps taps, Site last) {
      this.sublayer = sublayer;
      this.weights = weights;
      this.x = x;
      this.taps = taps;
      this.last = last;
    }

    private void enter(int at, int tokens) {
      if (sublayer.before() == null) {
        System.arraycopy(x, at * hidden, normed, 0, tokens * hidden);
      } else {
        float[] gains = weights.gains(sublayer.before());
        Normalization.apply(sublayer.before(), tokens, gains, x, at * hidden, normed, 0);
      }
    }

    /** Sequences [first, next), which begin at row at. */
    void attend(Attention module, int at, int tokens, int[] lengths, int first, int next) {
      enter(at, tokens);
      taps.see(module.query().site(), tokens, hidden, normed);
      if (module.query().site().equals(last)) {
        return;
      }
      reserve(module);
      weights.linear(module.query()).apply(tokens, normed, query);
      weights.linear(module.key()).apply(tokens, normed, key);
      weights.linear(module.value()).apply(tokens, normed, value);
      int row = 0;
      for (int sequence = first; sequence < next; sequence++) {
        attention.forward(module, weights, row, lengths[sequence], query, key, value, taps);
        row += lengths[sequence];
      }
      taps.see(module.output().site(), tokens, module.output().columns(), query);
      if (module.output().site().equals(last)) {
        return;
      }
      weights.linear(module.output()).apply(tokens, query, normed);
      add(sublayer, weights, tokens, x, at);
    }

    /** Rows [at, at + tokens). */
    void feedForward(FeedForward module, int at, int tokens) {
      enter(at, tokens);
      taps.see(module.up().site(), tokens, hidden, normed);
      if (module.up().site().equals(last)) {
        return;
      }
      feedForward.activate(module, weights, tokens, normed, taps);
      if (module.down().site().equals(last)) {
        return;
      }
      feedForward.reduce(module, weights, tokens, normed);
      add(sublayer, weights, tokens, x, at);
    }
  }

  private void reserve(Attention module) {
    int queries = Math.multiplyExact(slab, module.query().rows());
    int keys = Math.multiplyExact(slab, module.key().rows());
    if (query.length < queries) {
      query = new float[queries];
    }
    if (key.length < keys) {
      key = new float[keys];
      value = new float[keys];
    }
  }
}
