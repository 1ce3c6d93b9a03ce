package io.tritmill.kernels.quantize.round;

import io.tritmill.kernels.code.Coded;
import io.tritmill.kernels.code.Group;
import io.tritmill.kernels.code.IntegerLevels;
import io.tritmill.kernels.quantize.Default;
import io.tritmill.kernels.quantize.LayerInputs;
import io.tritmill.kernels.quantize.band.IntegerMethod;
import io.tritmill.kernels.quantize.fit.IntegerFit;
import io.tritmill.kernels.quantize.fit.IntegerSearch;
import io.tritmill.kernels.tensor.Matrix;

/**
 * Rounds to integers of 2 to 8 bits times the scale of a group: the grid of 4- and 8-bit formats,
 * and what ternary levels are measured against.
 *
 * <p>Symmetric integers are -2^(b-1) to 2^(b-1) - 1 times a scale of either sign; with zero points
 * they are 0 to 2^b - 1 less one of them that belongs to the group. Scales are those of least
 * squared error, as far as {@link IntegerSearch} finds them, with eight significant bits.
 *
 * @param bits 2 to 8
 * @param group who shares a scale: a number of columns, or a row
 * @param symmetric whether integers lie around zero instead of a zero point
 */
public record Int(
    @Default("4") int bits, @Default("128") Group group, @Default("true") boolean symmetric)
    implements IntegerMethod {
  public Int {
    IntegerLevels.symmetric(bits, group); // refuses what no levels have
  }

  @Override
  public IntegerLevels levels() {
    return symmetric
        ? IntegerLevels.symmetric(bits, group)
        : IntegerLevels.withZeroPoints(bits, group);
  }

  @Override
  public Coded quantize(Matrix band, LayerInputs inputs) {
    return IntegerRounding.quantize(this, band);
  }

  @Override
  public IntegerFit integerFit(int width) {
    return new IntegerSearch(levels());
  }
}
