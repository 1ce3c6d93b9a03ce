package io.tritmill.kernels.quantize.round;

import io.tritmill.kernels.code.Group;
import io.tritmill.kernels.code.PlaneLayout;
import io.tritmill.kernels.code.TritPlanes;
import io.tritmill.kernels.quantize.Default;
import io.tritmill.kernels.quantize.LayerInputs;
import io.tritmill.kernels.quantize.band.IntegerMethod;
import io.tritmill.kernels.quantize.fit.IntegerFit;
import io.tritmill.kernels.quantize.fit.UniformFit;
import io.tritmill.kernels.tensor.Matrix;

/**
 * Rounds to integers of 3 or 4 bits times a scale, with the range of least error: the reference
 * that ternary methods are measured against, as in GPTQ (arXiv:2210.17323) with clipping.
 *
 * <p>Symmetric integers are -4..3 or -8..7. Asymmetric ones are 0..7 or 0..15 less a zero point
 * that belongs to the group and is itself one of them. The range is shrunk in steps of 2 % from
 * that of the weights to 0.4 of it, and the one of least squared error is used.
 *
 * <p>The result is stored as tied planes: two hold -4..4, three hold -13..13. So it takes more bits
 * than such integers need, and a zero point, which other formats store, costs nothing.
 *
 * @param bits 3 or 4
 * @param group who shares a scale: a number of columns, or a row
 * @param symmetric whether integers lie around zero instead of a zero point
 */
public record Uniform(
    @Default("3") int bits, @Default("128") Group group, @Default("true") boolean symmetric)
    implements IntegerMethod {
  public Uniform {
    if (bits != 3 && bits != 4) {
      throw new IllegalArgumentException("bits is 3 or 4, found " + bits);
    }
    if (group.kind() == Group.Kind.TENSOR) {
      throw new IllegalArgumentException("group is a number of columns or row, found tensor");
    }
  }

  @Override
  public PlaneLayout levels() {
    return new PlaneLayout(bits == 3 && symmetric ? 2 : 3, group, true);
  }

  @Override
  public TritPlanes quantize(Matrix band, LayerInputs inputs) {
    return IntegerRounding.quantize(this, band);
  }

  @Override
  public IntegerFit integerFit(int width) {
    return new UniformFit(bits, symmetric);
  }
}
