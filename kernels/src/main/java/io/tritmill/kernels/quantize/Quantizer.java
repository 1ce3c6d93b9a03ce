package io.tritmill.kernels.quantize;

import io.tritmill.kernels.code.Coded;
import io.tritmill.kernels.code.Levels;
import io.tritmill.kernels.code.UnusableWeightException;
import io.tritmill.kernels.tensor.Matrix;
import java.io.Serializable;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/**
 * A method: weights in, codes on levels out.
 *
 * <p>An implementation is a record whose components are the parameters of its recipe line, each
 * with a {@link Default}; its name in a recipe is its class name in snake case. It is a pure
 * function of the band, the inputs and its parameters. Unless {@link #rowsIndependent} denies it,
 * rows are independent of each other but for what {@link #passes} gathers: quantizing a matrix band
 * by band gives the bytes of quantizing it whole.
 */
public interface Quantizer extends Serializable {
  /** The levels that weights are rounded to, known from the parameters. */
  Levels levels();

  /** Why a row of so many columns is not for this method; empty where it is. */
  default Optional<String> refusal(int columns) {
    return levels().refusal(columns);
  }

  /**
   * Quantizes a band of whole rows.
   *
   * @param band finite weights
   * @param inputs the sums of {@link #passes} passes over the tensor that the band belongs to
   * @throws UnusableWeightException if a weight is NaN or infinite, or a scale does not fit IEEE
   *     half; it says where
   */
  Coded quantize(Matrix band, LayerInputs inputs);

  /** Quantizes a band and tells how: the codes are those of {@link #quantize}. */
  default Solution solve(Matrix band, LayerInputs inputs) {
    return new Solution(quantize(band, inputs), SolveReport.NONE);
  }

  /** The method that decides which levels there are: this one, unless it wraps another. */
  default Quantizer rounding() {
    return this;
  }

  /** The same stages around another method that rounds. */
  default Quantizer withRounding(Quantizer other) {
    return other;
  }

  /** What calibration must gather first; nothing by default. */
  default Set<Need> needs() {
    return Set.of();
  }

  /**
   * Weight of the token with the least attention in what {@link #needs} asks for, as a share of the
   * one with the most; 1, the default, counts all tokens alike.
   */
  default double leastTokenWeight() {
    return 1;
  }

  /**
   * Whether a band of rows gets the codes that it gets within the whole matrix. A method for which
   * it does not is always given whole matrices.
   */
  default boolean rowsIndependent() {
    return true;
  }

  /** Passes over the whole tensor that must come first: 0 unless the group is the tensor. */
  default int passes() {
    return 0;
  }

  /**
   * Passes that must come first where a matrix is worked on in bands of rows, {@link #passes} at
   * least; empty where it has to be whole. A layer that learns is cut into bands only where all of
   * it would take too much memory, and gets the same trits then.
   */
  default OptionalInt passesOverBands() {
    return rowsIndependent() ? OptionalInt.of(passes()) : OptionalInt.empty();
  }

  /**
   * What the next pass gathers from one band. The caller adds the arrays of all bands element by
   * element, in row order, and appends the sum to the inputs.
   */
  default double[] observe(Matrix band, LayerInputs inputs) {
    throw new UnsupportedOperationException(getClass().getSimpleName() + " makes no passes");
  }

  /** Quantizes a whole matrix: every pass, then the one band that is all of it. */
  default Coded quantize(Matrix weight) {
    LayerInputs inputs = LayerInputs.NONE;
    for (int pass = 0; pass < passes(); pass++) {
      inputs = inputs.with(observe(weight, inputs));
    }
    return quantize(weight, inputs);
  }
}
