package io.tritmill.kernels.model.function;

import java.util.Arrays;
import java.util.SplittableRandom;

/**
 * Chooses the next token from its logits.
 *
 * <p>At temperature 0 the most likely one. Otherwise logits are divided by the temperature; then
 * the most likely {@code topK} tokens are left; then, of these, as many of the most likely as are
 * needed for their probabilities to reach {@code topP} (arXiv:1904.09751); one of those that are
 * left is drawn. Of tokens of the same logit the lower id is the more likely one. The same seed
 * draws the same tokens on every machine. One thread at a time.
 */
public final class TokenSampler {
  private final Sampling sampling;
  private final SplittableRandom random;
  private long[] order = {}; // (tokens left): descending logits in the upper half, ids in the lower
  private double[] shares = {}; // (tokens left): probabilities, not normalized

  /** Draws by the seed of the sampling, from its beginning. */
  public TokenSampler(Sampling sampling) {
    this.sampling = sampling;
    random = new SplittableRandom(sampling.seed());
  }

  /**
   * The next token.
   *
   * @param logits (vocabulary), no NaN; left as they are
   * @return its id
   * @throws IllegalArgumentException if a logit is NaN
   */
  public int next(float[] logits) {
    int best = best(logits);
    if (sampling.temperature() == 0) {
      return best;
    }
    int left = leave(logits);
    double total = weigh(logits, left, logits[best]);
    if (sampling.topP() < 1) {
      double enough = sampling.topP() * total;
      total = 0;
      int kept = 0;
      while (kept < left && total < enough) {
        total += shares[kept++];
      }
      left = kept;
    }
    return draw(left, total);
  }

  private static int best(float[] logits) {
    int best = 0;
    for (int token = 0; token < logits.length; token++) {
      if (Float.isNaN(logits[token])) {
        throw new IllegalArgumentException("The logit of token %d is NaN".formatted(token));
      }
      if (logits[token] > logits[best]) {
        best = token;
      }
    }
    return best;
  }

  /**
   * Puts tokens in order, the most likely first.
   *
   * @return how many the limit of their number leaves
   */
  private int leave(float[] logits) {
    int tokens = logits.length;
    if (order.length < tokens) {
      order = new long[tokens];
      shares = new double[tokens];
    }
    for (int token = 0; token < tokens; token++) {
      order[token] = (long) ~ascending(logits[token]) << 32 | token;
    }
    // Neither limit: any order will do.
    if (sampling.topK() > 0 || sampling.topP() < 1) {
      Arrays.sort(order, 0, tokens);
    }
    return sampling.topK() == 0 ? tokens : Math.min(sampling.topK(), tokens);
  }

  /** An int that orders as the float does; both zeros are the same. */
  private static int ascending(float value) {
    int bits = Float.floatToRawIntBits(value + 0f);
    return bits < 0 ? bits ^ Integer.MAX_VALUE : bits;
  }

  private double weigh(float[] logits, int left, double most) {
    double total = 0;
    for (int i = 0; i < left; i++) {
      double difference = (logits[(int) order[i]] - most) / sampling.temperature();
      shares[i] = StrictMath.exp(difference);
      total += shares[i];
    }
    return total;
  }

  private int draw(int left, double total) {
    double point = random.nextDouble() * total;
    int at = 0;
    while (at < left - 1 && point >= shares[at]) {
      point -= shares[at++];
    }
    return (int) order[at];
  }
}
