package io.tritmill.kernels.tensor;

import io.tritmill.kernels.rate.RandomValues;
import io.tritmill.kernels.rate.Traffic;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** Elements of a checkpoint to floats and back; in the second cache, and in memory. */
@State(Scope.Thread)
public class DTypeBenchmark {
  @Param DType type;

  @Param({"65536", "16777216"})
  int count;

  float[] values;
  byte[] bytes;

  @Setup
  public void fill() {
    values = RandomValues.weights(count);
    bytes = new byte[count * type.bytes()];
    type.encode(values, 0, bytes, 0, count);
  }

  @Benchmark
  public float[] decode(Traffic traffic) {
    type.decode(bytes, 0, values, 0, count);
    traffic.add((4L + type.bytes()) * count);
    return values;
  }

  @Benchmark
  public byte[] encode(Traffic traffic) {
    type.encode(values, 0, bytes, 0, count);
    traffic.add((4L + type.bytes()) * count);
    return bytes;
  }
}
