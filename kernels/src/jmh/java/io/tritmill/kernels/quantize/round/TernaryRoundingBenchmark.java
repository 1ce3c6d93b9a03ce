package io.tritmill.kernels.quantize.round;

import io.tritmill.kernels.code.Group;
import io.tritmill.kernels.code.PackedMatrix;
import io.tritmill.kernels.quantize.Quantizer;
import io.tritmill.kernels.rate.RandomValues;
import io.tritmill.kernels.rate.Traffic;
import io.tritmill.kernels.rate.Weights;
import io.tritmill.kernels.tensor.DType;
import io.tritmill.kernels.tensor.Matrix;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** The one-plane roundings, from the bytes of a checkpoint to packed bytes. */
@State(Scope.Thread)
public class TernaryRoundingBenchmark {
  private static final int ROWS = 1024;
  private static final int COLUMNS = 4096;

  @Param({"256", "row", "tensor"})
  String group;

  byte[] checkpoint;

  @Setup
  public void fill() {
    float[] values = RandomValues.weights(ROWS * COLUMNS);
    checkpoint = new byte[2 * values.length];
    DType.BF16.encode(values, 0, checkpoint, 0, values.length);
  }

  @Benchmark
  public PackedMatrix absmean(Weights weights, Traffic traffic) {
    return round(new Absmean(Group.parse(group)), weights, traffic);
  }

  @Benchmark
  public PackedMatrix twn(Weights weights, Traffic traffic) {
    return round(new Twn(Group.parse(group), 0.7f), weights, traffic);
  }

  @Benchmark
  public PackedMatrix statistical(Weights weights, Traffic traffic) {
    return round(new Statistical(Group.parse(group)), weights, traffic);
  }

  private PackedMatrix round(Quantizer method, Weights weights, Traffic traffic) {
    Matrix matrix = Matrix.zeros(ROWS, COLUMNS);
    DType.BF16.decode(checkpoint, 0, matrix.values(), 0, matrix.values().length);
    PackedMatrix packed = method.quantize(matrix).pack();
    weights.add(ROWS * COLUMNS);
    traffic.add(checkpoint.length + packed.bits() / 8);
    return packed;
  }
}
