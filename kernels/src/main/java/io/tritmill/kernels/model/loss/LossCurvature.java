package io.tritmill.kernels.model.loss;

import io.tritmill.kernels.linalg.Gram;
import io.tritmill.kernels.linalg.GramAccumulator;
import io.tritmill.kernels.model.Architecture;
import io.tritmill.kernels.model.forward.OutputHead;
import io.tritmill.kernels.model.function.Exponential;
import io.tritmill.kernels.model.function.Normalization;
import io.tritmill.kernels.simd.GemmUpdate;
import io.tritmill.kernels.simd.Simd;
import java.util.Arrays;

/**
 * The curvature of the loss in the last residual stream: the sum of g g' over the tokens of a
 * chunk, an estimate of the Fisher information (arXiv:1412.1193, section 2) that needs no backward
 * pass but that of the head and the final norm.
 *
 * <pre>
 * x  what left the last block           p  softmax(head RMSNorm(x))
 * r  1 / sqrt(mean(x^2) + epsilon)      y  a label drawn from p
 *
 * s = (head'(p - e_y)) * gain           g = r (s - x r^2 mean(x s)), d(-log p_y) / dx
 * </pre>
 *
 * <p>Behind a LayerNorm x and s are those less their means.
 *
 * <p>The head comes twice, band by band: first {@link #weigh}, for the denominators of the
 * soft-max, then {@link #differentiate}. So it costs 6 * vocabulary * hidden operations a token. A
 * label is decided by a hash of the seed and the token's number, so it does not depend on what else
 * is in the chunk. Holds two rows of hidden floats a token. Not for several threads.
 */
public final class LossCurvature {
  /** Tokens at a time; changes nothing in the results. */
  private static final int TILE = 256;

  private static final int NO_LABEL = NextTokenLoss.NO_LABEL;

  private final Architecture model;
  private final int hidden;
  private final float[] finalNorm; // (hidden)
  private final OutputHead head;
  private final int tokens;
  private final float[] x; // (tokens, hidden)
  private final float[] slope; // (tokens, hidden): head'(p - e_y)
  private final NextTokenLoss loss;
  private final double[] drawn; // (tokens): where between 0 and 1 the label lies
  private final double[] passed; // (tokens): probability of the vocabulary so far
  private final int[] labels; // (tokens)
  private final float[] normed; // (tile, hidden)
  private float[] logits = {}; // (tile, width)
  private double[] share = {}; // (width): p of a row
  private double[] powers = {}; // (width)

  /**
   * Begins a chunk.
   *
   * @param finalNorm gains, (hidden)
   * @param tokens rows of x
   * @param x (tokens, hidden): what left the last block; not to be changed meanwhile
   * @param seed decides the labels
   * @param firstToken number of the first token among all tokens of all chunks
   */
  public LossCurvature(
      Architecture model, float[] finalNorm, int tokens, float[] x, long seed, long firstToken) {
    this.model = model;
    this.finalNorm = finalNorm;
    this.tokens = tokens;
    this.x = x;
    hidden = model.hidden();
    head = new OutputHead(model, finalNorm);
    slope = new float[Math.multiplyExact(tokens, hidden)];
    normed = new float[Math.multiplyExact(TILE, hidden)];
    // Any label does: only the denominators are asked for.
    loss = new NextTokenLoss(new int[tokens]);
    passed = new double[tokens];
    drawn = new double[tokens];
    labels = new int[tokens];
    Arrays.fill(labels, NO_LABEL);
    for (int t = 0; t < tokens; t++) {
      drawn[t] = uniform(seed, firstToken + t);
    }
  }

  /** Number {@code token + 1} of the generator SplitMix64 that begins with the seed, in [0, 1). */
  static double uniform(long seed, long token) {
    long z = seed + (token + 1) * 0x9e3779b97f4a7c15L;
    z = (z ^ z >>> 30) * 0xbf58476d1ce4e5b9L;
    z = (z ^ z >>> 27) * 0x94d049bb133111ebL;
    return ((z ^ z >>> 31) >>> 11) * 0x1p-53;
  }

  /**
   * The first pass: takes a band of the vocabulary.
   *
   * @param firstToken the token of row 0
   * @param width tokens in the band
   * @param band their rows of the head, (width, hidden)
   */
  public void weigh(int firstToken, int width, float[] band) {
    for (int first = 0; first < tokens; first += TILE) {
      int rows = Math.min(TILE, tokens - first);
      multiply(first, rows, width, band);
      loss.add(first, rows, firstToken, width, logits);
    }
  }

  /** The second pass, when the first one is over: takes a band of the vocabulary, in order. */
  public void differentiate(int firstToken, int width, float[] band) {
    for (int first = 0; first < tokens; first += TILE) {
      int rows = Math.min(TILE, tokens - first);
      multiply(first, rows, width, band);
      for (int row = 0; row < rows; row++) {
        surprise(first + row, firstToken, width, row * width);
      }
      int at = first * hidden;
      GemmUpdate.subtract(
          rows, hidden, width, logits, 0, width, band, 0, hidden, slope, at, hidden);
    }
  }

  /** The sum of g g', once both passes are over. */
  public Gram finish() {
    for (int t = 0; t < tokens; t++) {
      switch (model.finalNorm().kind()) {
        case RMS -> throughRmsNorm(t * hidden);
        case LAYER -> throughLayerNorm(t * hidden);
      }
    }
    GramAccumulator curvature = new GramAccumulator(hidden);
    curvature.add(tokens, slope);
    return curvature.finish();
  }

  private void multiply(int first, int rows, int width, float[] band) {
    if (share.length < width) {
      logits = new float[Math.multiplyExact(TILE, width)];
      share = new double[width];
      powers = new double[width];
    }
    Normalization.apply(model.finalNorm(), rows, finalNorm, x, first * hidden, normed, 0);
    head.logits(0, rows, normed, width, band, logits);
  }

  /** Replaces a row of logits by e_y - p. */
  private void surprise(int token, int firstToken, int width, int at) {
    double logSumExp = loss.logSumExp(token);
    for (int i = 0; i < width; i++) {
      share[i] = logits[at + i] - logSumExp;
    }
    Exponential.exp(share, width, powers);
    int label = draw(token, firstToken, width) - firstToken;
    for (int i = 0; i < width; i++) {
      double surprise = (i == label ? 1 : 0) - share[i];
      logits[at + i] = (float) (surprise * slopeOfLogit(logits[at + i]));
    }
  }

  /** By how much a logit changes with its product: 1 but for scaled and capped ones. */
  private double slopeOfLogit(float logit) {
    double capped = model.logitSoftCap() == 0 ? 0 : logit / model.logitSoftCap();
    return model.logitScale() * (1 - capped * capped);
  }

  /** The label: the first token with which the probability passed reaches the number drawn. */
  private int draw(int token, int firstToken, int width) {
    for (int i = 0; i < width && labels[token] == NO_LABEL; i++) {
      passed[token] += share[i];
      // Rounding may leave the sum of all a little below what was drawn.
      if (passed[token] > drawn[token] || firstToken + i == model.vocabulary() - 1) {
        labels[token] = firstToken + i;
      }
    }
    return labels[token];
  }

  /** Replaces the derivative by the normed row with that by x. */
  private void throughRmsNorm(int at) {
    double r2 = 1 / (Simd.sumOfSquares(x, at, hidden) / hidden + model.finalNorm().epsilon());
    double product = 0;
    for (int c = 0; c < hidden; c++) {
      product += (double) x[at + c] * slope[at + c] * finalNorm[c];
    }
    double r = Math.sqrt(r2);
    double along = r2 * product / hidden;
    for (int c = 0; c < hidden; c++) {
      slope[at + c] = (float) (r * ((double) slope[at + c] * finalNorm[c] - x[at + c] * along));
    }
  }

  private void throughLayerNorm(int at) {
    double mean = 0;
    double meanSlope = 0;
    for (int c = 0; c < hidden; c++) {
      mean += (double) x[at + c] / hidden;
      meanSlope += (double) slope[at + c] * finalNorm[c] / hidden;
    }
    double variance = 0;
    double product = 0;
    for (int c = 0; c < hidden; c++) {
      double centred = x[at + c] - mean;
      variance += centred * centred / hidden;
      product += centred * slope[at + c] * finalNorm[c];
    }
    double r2 = 1 / (variance + model.finalNorm().epsilon());
    double r = Math.sqrt(r2);
    double along = r2 * product / hidden;
    for (int c = 0; c < hidden; c++) {
      double s = (double) slope[at + c] * finalNorm[c] - meanSlope;
      slope[at + c] = (float) (r * (s - (x[at + c] - mean) * along));
    }
  }
}
