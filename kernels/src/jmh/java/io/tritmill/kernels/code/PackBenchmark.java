package io.tritmill.kernels.code;

import io.tritmill.kernels.quantize.round.Ptqtp;
import io.tritmill.kernels.rate.RandomValues;
import io.tritmill.kernels.rate.Traffic;
import io.tritmill.kernels.rate.Weights;
import io.tritmill.kernels.tensor.Matrix;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** Planes to packed bytes and back, to trits and to floats. */
@State(Scope.Thread)
public class PackBenchmark {
  private static final int ROWS = 256;
  private static final int COLUMNS = 4096;

  @Param({"1", "2", "3"})
  int planes;

  TritPlanes trits;
  PackedPlanes packed;
  float[] decoded;

  @Setup
  public void quantize() {
    Matrix weight = new Matrix(ROWS, COLUMNS, RandomValues.weights(ROWS * COLUMNS));
    trits = (TritPlanes) new Ptqtp(planes, Group.of(128), false, 10).quantize(weight);
    packed = PackedPlanes.of(trits);
    decoded = new float[ROWS * COLUMNS];
  }

  @Benchmark
  public PackedPlanes pack(Weights weights, Traffic traffic) {
    weights.add(ROWS * COLUMNS);
    traffic.add((long) planes * ROWS * COLUMNS + packed.bits() / 8);
    return PackedPlanes.of(trits);
  }

  @Benchmark
  public TritPlanes unpack(Weights weights, Traffic traffic) {
    weights.add(ROWS * COLUMNS);
    traffic.add((long) planes * ROWS * COLUMNS + packed.bits() / 8);
    return packed.unpack();
  }

  @Benchmark
  public float[] decode(Weights weights, Traffic traffic) {
    weights.add(ROWS * COLUMNS);
    traffic.add(4L * ROWS * COLUMNS + packed.bits() / 8);
    packed.decode(0, ROWS, decoded, 0);
    return decoded;
  }
}
