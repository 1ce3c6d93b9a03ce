package io.tritmill.kernels.quantize.compensate;

import io.tritmill.kernels.quantize.Default;
import io.tritmill.kernels.quantize.Need;
import io.tritmill.kernels.quantize.Quantizer;
import io.tritmill.kernels.quantize.Stage;

/**
 * Counts tokens by the attention that they get, in every sum that the stages to its right learn
 * from: RSQ (arXiv:2503.01820), its attention concentration.
 *
 * <p>Token j of a sequence has s_j = sum over heads and queries of the attention to it, in the
 * full-precision model's block that the layer belongs to. Its weight is r_j = least_weight + (1 -
 * least_weight) (s_j - min s) / (max s - min s), divided by the mean over the sequence, so that H =
 * X' diag(r) X and all other sums are as large as without weights. What counts is r: the paper
 * multiplies inputs by it, which would count its square.
 *
 * <p>The first tokens of a sequence get most of the attention. With a small least weight almost all
 * others count equally little, and the sums rest on fewer tokens than there are.
 *
 * <p>Errors that {@link Quantizer#solve} reports are weighted as well.
 *
 * @param leastWeight weight of the token with the least attention as a share of the one with the
 *     most, above 0 and below 1
 */
public record Rsq(@Default("0.1") double leastWeight) implements Stage {
  public Rsq {
    if (!(leastWeight > 0 && leastWeight < 1)) {
      throw new IllegalArgumentException("least_weight is above 0, below 1, found " + leastWeight);
    }
  }

  /** Sums are made once for a layer, before any of its stages begins. */
  @Override
  public boolean outermost() {
    return true;
  }

  @Override
  public Quantizer around(Quantizer next) {
    if (!next.needs().contains(Need.GRAM)) {
      throw new IllegalArgumentException(
          "rsq weighs what a method learns from, such as gptq or comq; found %s, which learns from"
                  .formatted(next.getClass().getSimpleName())
              + " nothing");
    }
    return new RsqMethod(this, next);
  }
}
