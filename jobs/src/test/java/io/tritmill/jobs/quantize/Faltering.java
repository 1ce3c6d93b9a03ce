package io.tritmill.jobs.quantize;

import io.tritmill.kernels.code.Group;
import io.tritmill.kernels.code.PlaneLayout;
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

/**
 * Rounds, remembers what it was told by the first weight of the band, and fails at one band while
 * it is told to.
 */
public record Faltering(int planes) implements Quantizer {
  /** What was told, in this JVM. */
  static final Map<Float, LayerStatistics> SEEN = new ConcurrentHashMap<>();

  /** First weight of the band that fails; NaN for none. */
  private static volatile float failing = Float.NaN;

  static void failAt(float weight) {
    failing = weight;
  }

  private Ptqtp plain() {
    return new Ptqtp(planes, Group.of(32), true, 50);
  }

  @Override
  public PlaneLayout levels() {
    return plain().levels();
  }

  @Override
  public Set<Need> needs() {
    return EnumSet.of(Need.GRAM, Need.HELD_OUT, Need.INPUT_ERROR, Need.RESIDUAL_ERROR);
  }

  @Override
  public TritPlanes quantize(Matrix band, LayerInputs inputs) {
    if (band.values()[0] == failing) {
      throw new IllegalStateException("this band falters");
    }
    SEEN.put(band.values()[0], inputs.statistics());
    return plain().quantize(band, inputs);
  }
}
