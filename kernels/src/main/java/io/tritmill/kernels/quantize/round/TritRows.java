package io.tritmill.kernels.quantize.round;

import io.tritmill.kernels.code.Group;
import io.tritmill.kernels.code.PlaneCounts;
import io.tritmill.kernels.code.PlaneLayout;
import io.tritmill.kernels.code.TritPlanes;
import io.tritmill.kernels.quantize.Default;
import io.tritmill.kernels.quantize.LayerInputs;
import io.tritmill.kernels.quantize.Need;
import io.tritmill.kernels.quantize.Quantizer;
import io.tritmill.kernels.tensor.Matrix;
import java.util.EnumSet;
import java.util.Set;

/**
 * Tied trit-planes, one to three in each row, as many as a budget over the whole model allows.
 *
 * <p>What a row loses with one, two and three planes is measured first, for all rows of all layers
 * ({@code PlaneAllocation}); each then gets the number with which the model loses least. So this
 * stands in a recipe for {@link RowPlanes}, which rounds once the numbers are known. The weights of
 * all layers of a recipe that choose have one budget, the mean of theirs.
 *
 * @param bits stored bits of a weight on average, with scales and two bits a row for its number of
 *     planes
 * @param group who shares a scale: a number of columns, or a row
 */
public record TritRows(@Default("3.3") double bits, @Default("128") Group group)
    implements Quantizer {
  public TritRows {
    if (!(bits >= 1.6 && bits <= 16)) {
      throw new IllegalArgumentException(
          "bits is at least 1.6, which a plane takes, up to 16, found " + bits);
    }
    if (group.kind() == Group.Kind.TENSOR) {
      throw new IllegalArgumentException("group is a number of columns or row, found tensor");
    }
  }

  /** The most that a row may get. */
  @Override
  public PlaneLayout levels() {
    return new PlaneLayout(PlaneCounts.MOST, group, true);
  }

  /** What the loss of a row is measured with. */
  @Override
  public Set<Need> needs() {
    return EnumSet.of(Need.GRAM);
  }

  @Override
  public boolean rowsIndependent() {
    return false;
  }

  /** Refuses: the numbers of planes must be chosen first, over all layers. */
  @Override
  public TritPlanes quantize(Matrix band, LayerInputs inputs) {
    throw new IllegalStateException(
        "The planes of each row are chosen before a layer is rounded; round with RowPlanes");
  }
}
