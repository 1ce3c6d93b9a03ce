package io.tritmill.kernels.code;

import io.tritmill.kernels.quantize.round.Ptqtp;
import io.tritmill.kernels.rate.RandomValues;
import io.tritmill.kernels.rate.Traffic;
import io.tritmill.kernels.rate.Weights;
import io.tritmill.kernels.simd.ByteRows;
import io.tritmill.kernels.simd.TernaryMatrix;
import io.tritmill.kernels.tensor.Matrix;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** Trit-planes times int8 activations; the larger matrix lies in memory. */
@State(Scope.Thread)
public class TernaryMatrixBenchmark {
  private static final int COLUMNS = 4096;

  @Param({"4096", "131072"})
  int rows;

  @Param({"1", "2"})
  int planes;

  @Param({"128", "row"})
  String group;

  @Param({"1", "8"})
  int tokens;

  TernaryMatrix matrix;
  ByteRows x;
  float[] y;

  @Setup
  public void fill() {
    // Rows repeat: only their trits' places in memory matter, and quantizing takes its time.
    int different = 1024;
    Ptqtp method = new Ptqtp(planes, Group.parse(group), true, 2);
    float[] values = RandomValues.weights(different * COLUMNS);
    TritPlanes trits = (TritPlanes) method.quantize(new Matrix(different, COLUMNS, values));
    matrix = TernaryMatrix.of(new RepeatedRows(trits, rows));
    x = ByteRows.quantize(tokens, COLUMNS, RandomValues.weights(tokens * COLUMNS));
    y = new float[tokens * rows];
  }

  @Benchmark
  public float[] multiply(Weights weights, Traffic traffic) {
    matrix.multiply(x, y);
    weights.add((long) tokens * rows * COLUMNS);
    traffic.add(matrix.bytes());
    return y;
  }
}
