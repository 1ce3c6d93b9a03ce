package io.tritmill.kernels.quantize.learn;

import io.tritmill.kernels.quantize.Default;
import io.tritmill.kernels.quantize.Quantizer;
import io.tritmill.kernels.quantize.Stage;
import io.tritmill.kernels.quantize.WrappedMethod;
import io.tritmill.kernels.quantize.compensate.Comq;
import io.tritmill.kernels.quantize.compensate.Gptq;
import io.tritmill.kernels.quantize.compensate.GptqMethod;

/**
 * Learns how each weight is rounded: FlexRound (arXiv:2306.00317), in terms of the Gram matrix H,
 * around a method that rounds or around {@link Gptq}.
 *
 * <p>A weight w takes the level nearest to w / (s2 s3), with a divisor s2 of its own and one s3 of
 * its row, both 1 at first. The divisors descend the error e (H + lambda I) e' of the row, e the
 * weights less their levels, through the rounding as if it were not there: with v the quotient and
 * P = e (H + lambda I), the derivative in ln s2 is 2 P v where v lies between the outermost levels,
 * so that large weights move further. Steps are Adam's (arXiv:1412.6980) in ln s2 and ln s3, all
 * weights at once, and the scales of a group, the paper's s1, are those of least error for its
 * codes after every step.
 *
 * <p>A weight of zero never moves, and divisors stay between e^-3 and e^3. Each row ends with the
 * best of what it passed through, what the wrapped method made of it among that: it never ends
 * worse than it began. The paper learns over the outputs of a block; here every layer has its own.
 *
 * <p>A step costs a product of the weights with the Gram matrix, half as much as a sweep of {@link
 * Comq}, which reaches the same error in far fewer.
 *
 * @param steps of descent, at least 1
 * @param rate of learning, above 0
 * @param damp lambda as a share of the mean diagonal of H, above 0
 */
public record Flexround(
    @Default("100") int steps, @Default("0.01") double rate, @Default("0.01") double damp)
    implements Stage {
  public Flexround {
    if (steps < 1) {
      throw new IllegalArgumentException("steps is at least 1, found " + steps);
    }
    if (!(rate > 0 && rate <= 1)) {
      throw new IllegalArgumentException("rate is above 0, up to 1, found " + rate);
    }
    if (!(damp > 0 && damp <= 1)) {
      throw new IllegalArgumentException(
          "damp is above 0, up to 1, as a share of the mean diagonal, found " + damp);
    }
  }

  @Override
  public Quantizer around(Quantizer next) {
    if (next instanceof WrappedMethod && !(next instanceof GptqMethod)) {
      throw new IllegalArgumentException(
          "flexround wraps gptq or a method that rounds, found " + next.getClass().getSimpleName());
    }
    return new FlexroundMethod(this, next);
  }
}
