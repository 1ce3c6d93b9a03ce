package io.tritmill.jobs.plan;

import io.tritmill.jobs.failure.BadInputException;
import io.tritmill.kernels.quantize.allocate.PlaneAllocation;
import io.tritmill.kernels.quantize.round.TritRows;
import java.util.List;

/**
 * The bits that layers have together whose rows choose their number of planes.
 *
 * @param layers those layers, in the order of the checkpoint
 * @param bits stored bits of a weight on average, scales and padding counted
 */
public record RowBudget(List<PlannedTensor> layers, double bits) {
  private static final double DIGITS = 1e9;

  /** The layers among those planned whose rows choose; the budget is the mean of theirs. */
  public static RowBudget of(List<PlannedTensor> planned) {
    List<PlannedTensor> layers =
        planned.stream()
            .filter(layer -> !layer.kept() && layer.quantizer().rounding() instanceof TritRows)
            .toList();
    double bits = 0;
    double weights = 0;
    for (PlannedTensor layer : layers) {
      bits += ((TritRows) layer.quantizer().rounding()).bits() * layer.tensor().elements();
      weights += layer.tensor().elements();
    }
    // Without the last digits, which are those of the sums.
    double mean = layers.isEmpty() ? 0 : Math.rint(bits / weights * DIGITS) / DIGITS;
    return new RowBudget(layers, mean);
  }

  /** Stored bits of all their weights. */
  public double total() {
    return bits * layers.stream().mapToDouble(layer -> layer.tensor().elements()).sum();
  }

  /**
   * Refuses a budget that one plane in every row exceeds.
   *
   * @throws BadInputException if it does; it says what would do
   */
  void requireOnePlane(String recipe) {
    double least = 0;
    for (PlannedTensor layer : layers) {
      least +=
          PlaneAllocation.bits(
              layer.rows(), layer.columns(), layer.quantizer().levels().group(), 1);
    }
    if (least > total()) {
      throw BadInputException.unsupported(
          "recipe %s: trit_rows has %.3f bits a weight for %d layers, but one plane in every row"
              + " takes %.3f already; ask for more bits, or for wider groups",
          recipe, bits, layers.size(), least * bits / total());
    }
  }
}
