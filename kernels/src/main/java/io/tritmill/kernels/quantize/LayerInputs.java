package io.tritmill.kernels.quantize;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;

/**
 * What is known of a layer beside the band of rows at hand: nothing, or the sums that earlier
 * passes over the whole tensor gathered.
 *
 * @param sums one array for each finished pass of {@link Quantizer#observe}
 */
public record LayerInputs(List<double[]> sums) implements Serializable {
  /** A method that needs only the weights gets this. */
  public static final LayerInputs NONE = new LayerInputs(List.of());

  /** These inputs and the sums of one more pass. */
  public LayerInputs with(double[] passSums) {
    List<double[]> more = new ArrayList<>(sums);
    more.add(passSums);
    return new LayerInputs(List.copyOf(more));
  }
}
