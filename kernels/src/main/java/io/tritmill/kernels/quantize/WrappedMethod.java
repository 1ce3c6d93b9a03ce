package io.tritmill.kernels.quantize;

import io.tritmill.kernels.code.Levels;
import io.tritmill.kernels.tensor.Matrix;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;

/** What a stage makes of the method to its right; it stores what that one stores. */
public interface WrappedMethod extends Quantizer {
  /** The stage. */
  Stage stage();

  /** The method to its right. */
  Quantizer next();

  /** What the stage itself asks calibration for. */
  Set<Need> asks();

  @Override
  default Set<Need> needs() {
    Set<Need> needs = EnumSet.copyOf(asks());
    needs.addAll(next().needs());
    return needs;
  }

  @Override
  default Levels levels() {
    return next().levels();
  }

  @Override
  default Optional<String> refusal(int columns) {
    return next().refusal(columns);
  }

  @Override
  default Quantizer rounding() {
    return next().rounding();
  }

  @Override
  default Quantizer withRounding(Quantizer other) {
    return stage().around(next().withRounding(other));
  }

  @Override
  default boolean rowsIndependent() {
    return next().rowsIndependent();
  }

  @Override
  default int passes() {
    return next().passes();
  }

  @Override
  default double[] observe(Matrix band, LayerInputs inputs) {
    return next().observe(band, inputs);
  }
}
