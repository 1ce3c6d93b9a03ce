package io.tritmill.kernels.quantize;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;

/**
 * What is known of a layer beside the band of rows at hand: nothing, the sums that earlier passes
 * over the whole tensor gathered, or what calibration learned.
 *
 * @param sums one array for each finished pass of {@link Quantizer#observe}
 * @param statistics what {@link Quantizer#needs} asked for; null when it asked for nothing
 */
public record LayerInputs(List<double[]> sums, LayerStatistics statistics) implements Serializable {
  /** A method that needs only the weights gets this. */
  public static final LayerInputs NONE = new LayerInputs(List.of(), null);

  /** These inputs and the sums of one more pass. */
  public LayerInputs with(double[] passSums) {
    List<double[]> more = new ArrayList<>(sums);
    more.add(passSums);
    return new LayerInputs(List.copyOf(more), statistics);
  }

  /** These inputs with other statistics. */
  public LayerInputs with(LayerStatistics other) {
    return new LayerInputs(sums, other);
  }
}
