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
import java.util.Optional;

/**
 * Rounds to the levels -1, 0, 1 and 2 times a scale of either sign: what two bits hold in the
 * formats that are made for ternary weights.
 *
 * @param group who shares a scale: a number of columns, or a row
 * @param whole whether rows that end in a shorter group are left to another rule: a format of
 *     blocks does not hold them
 */
public record FourLevels(@Default("64") Group group, @Default("false") boolean whole)
    implements IntegerMethod {
  public FourLevels {
    IntegerLevels.four(group); // refuses what no levels have
  }

  /** Of rows of any length. */
  public FourLevels(Group group) {
    this(group, false);
  }

  @Override
  public IntegerLevels levels() {
    return IntegerLevels.four(group);
  }

  @Override
  public Optional<String> refusal(int columns) {
    return whole && group.kind() == Group.Kind.COLUMNS && columns % group.columns() != 0
        ? Optional.of(
            "four_levels has whole groups of %s columns, found rows of %d"
                .formatted(group, columns))
        : Optional.empty();
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
