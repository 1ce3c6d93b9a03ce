package io.tritmill.jobs.calibrate;

import io.tritmill.kernels.quantize.Quantizer;
import io.tritmill.kernels.quantize.Stage;
import io.tritmill.kernels.quantize.compensate.Rsq;

/** A stage of other code that weighs tokens: what it is called is all that differs. */
public record Weighing() implements Stage {
  @Override
  public boolean outermost() {
    return true;
  }

  @Override
  public Quantizer around(Quantizer next) {
    return new Rsq(0.3).around(next);
  }
}
