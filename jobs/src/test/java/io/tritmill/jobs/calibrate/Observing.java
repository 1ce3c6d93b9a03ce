package io.tritmill.jobs.calibrate;

import io.tritmill.kernels.code.Group;
import io.tritmill.kernels.code.Levels;
import io.tritmill.kernels.code.TritPlanes;
import io.tritmill.kernels.quantize.LayerInputs;
import io.tritmill.kernels.quantize.LayerStatistics;
import io.tritmill.kernels.quantize.Need;
import io.tritmill.kernels.quantize.Quantizer;
import io.tritmill.kernels.quantize.round.Ptqtp;
import io.tritmill.kernels.tensor.Matrix;
import java.util.EnumSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** Rounds coarsely, and remembers what it was told of each layer, by the layer's first weight. */
public record Observing(int planes) implements Quantizer {
  /** What was told, in this JVM. */
  static final Map<Float, LayerStatistics> SEEN = new ConcurrentHashMap<>();

  @Override
  public Levels levels() {
    return plain().levels();
  }

  private Ptqtp plain() {
    return new Ptqtp(planes, Group.of(32), true, 50);
  }

  @Override
  public Set<Need> needs() {
    return EnumSet.of(Need.GRAM, Need.HELD_OUT, Need.INPUT_ERROR, Need.RESIDUAL_ERROR);
  }

  @Override
  public TritPlanes quantize(Matrix band, LayerInputs inputs) {
    SEEN.put(band.values()[0], inputs.statistics());
    return plain().quantize(band, inputs);
  }
}
