package io.tritmill.kernels.tensor;

import io.tritmill.kernels.rate.Traffic;
import java.util.Random;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** Blocks of a GGUF file to floats; in the second cache, and in memory. */
@State(Scope.Thread)
public class BlockTypeBenchmark {
  @Param BlockType type;

  @Param({"65536", "16777216"})
  int count;

  float[] values;
  byte[] bytes;

  @Setup
  public void fill() {
    values = new float[count];
    bytes = new byte[(int) type.bytes(count)];
    new Random(count).nextBytes(bytes);
  }

  @Benchmark
  public float[] decode(Traffic traffic) {
    type.decode(bytes, 0, values, 0, count);
    traffic.add(bytes.length + 4L * count);
    return values;
  }
}
