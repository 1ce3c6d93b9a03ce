package io.tritmill.kernels.model.forward;

import io.tritmill.kernels.model.Architecture;
import io.tritmill.kernels.model.Rotations;
import io.tritmill.kernels.model.Site;
import io.tritmill.kernels.model.Sublayer;
import io.tritmill.kernels.model.function.Normalization;
import java.util.Arrays;

/**
 * The forward pass of a model's sublayers, the only one there is: calibration, evaluation and
 * generation run it.
 *
 * <pre>
 * x = scale * (x + multiplier * after(operator(before(x))))
 * </pre>
 *
 * Sequences stand one after another in the rows of x. Linear modules run over many sequences at
 * once and attention over each alone, so the bits of a sequence do not depend on its neighbours.
 * Scratch is for one slab (whole sequences up to {@value #SLAB} tokens, or one that is longer; all
 * that are given, where experts wait for them) and serves every sublayer of the model. One thread
 * at a time.
 */
public final class ForwardPass {
  /** Tokens that linear modules run over at once. */
  public static final int SLAB = 512;

  private final int hidden;
  private final OperatorPasses operators;
  private float[] normed = {}; // (tokens, hidden)
  private float[] results = {}; // (tokens, hidden)

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
    this(model, rotations, longest, Math.max(SLAB, longest));
  }

  private ForwardPass(Architecture model, Rotations rotations, int longest, int tokens) {
    hidden = model.hidden();
    operators = new OperatorPasses(hidden, rotations, longest);
    reserve(tokens);
  }

  /**
   * Makes room for pieces of sequences of up to so many tokens: a slab at once.
   *
   * @param longest tokens of the longest sequence, at least 1
   */
  public static ForwardPass ofPieces(Architecture model, Rotations rotations, int longest) {
    return new ForwardPass(model, rotations, longest, SLAB);
  }

  private void reserve(int tokens) {
    int values = Math.multiplyExact(tokens, hidden);
    if (normed.length < values) {
      normed = new float[values];
      results = new float[values];
    }
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
    int most = OperatorPasses.gathers(sublayer.operator()) ? Integer.MAX_VALUE : SLAB;
    int at = 0;
    for (int first = 0, next = 0; first < lengths.length; first = next) {
      int tokens = lengths[next++];
      while (next < lengths.length && tokens + lengths[next] <= most) {
        tokens += lengths[next++];
      }
      Slab slab = new Slab(weights, Arrays.copyOfRange(lengths, first, next), taps, last);
      enter(sublayer, slab, x, at);
      if (operators.run(sublayer.operator(), slab, normed, results)) {
        add(sublayer, weights, tokens, x, at);
      }
      at += tokens;
    }
  }

  /**
   * Runs a sublayer over the next tokens of a sequence: what leaves it is what leaves it where the
   * whole sequence enters at once.
   *
   * @param x (tokens, hidden): what enters it; becomes what leaves it
   * @param state of the sequence so far; becomes that behind these tokens
   */
  public void run(
      Sublayer sublayer, SublayerWeights weights, float[] x, int tokens, SequenceState state) {
    Slab slab = Slab.next(weights, tokens, state);
    enter(sublayer, slab, x, 0);
    operators.run(sublayer.operator(), slab, normed, results);
    add(sublayer, weights, tokens, x, 0);
  }

  private void enter(Sublayer sublayer, Slab slab, float[] x, int at) {
    int tokens = slab.tokens();
    reserve(tokens);
    if (sublayer.before() == null) {
      System.arraycopy(x, at * hidden, normed, 0, tokens * hidden);
    } else {
      float[] gains = slab.weights().gains(sublayer.before());
      Normalization.apply(sublayer.before(), tokens, gains, x, at * hidden, normed, 0);
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
    weights.linear(sublayer.operator().last().orElseThrow()).apply(tokens, inputs, results);
    add(sublayer, weights, tokens, x, at);
  }

  /** x = scale * (x + multiplier * after(results)), for rows from at on. */
  private void add(Sublayer sublayer, SublayerWeights weights, int tokens, float[] x, int at) {
    if (sublayer.after() != null) {
      weights.normalize(sublayer.after(), tokens, results, results);
    }
    int from = at * hidden;
    int count = tokens * hidden;
    if (sublayer.multiplier() == 1) {
      for (int i = 0; i < count; i++) {
        x[from + i] += results[i];
      }
    } else {
      float multiplier = sublayer.multiplier();
      for (int i = 0; i < count; i++) {
        x[from + i] += results[i] * multiplier;
      }
    }
    if (sublayer.scale() != null) {
      float scale = weights.vector(sublayer.scale())[0];
      for (int i = from; i < from + count; i++) {
        x[i] *= scale;
      }
    }
  }
}
