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
 * Rounds to the levels -1, 0, 1 and 2 times a scale of either sign: what two bits hold in the
 * formats that are made for ternary weights.
 *
 * @param group who shares a scale: a number of columns, or a row
 */
public record FourLevels(@Default("64") Group group) implements IntegerMethod {
  public FourLevels {
    IntegerLevels.four(group); // refuses what no levels have
  }

  @Override
  public IntegerLevels levels() {
    return IntegerLevels.four(group);
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
