package io.tritmill.kernels.quantize.round;

import io.tritmill.kernels.code.Coded;
import io.tritmill.kernels.code.Group;
import io.tritmill.kernels.quantize.Quantizer;
import io.tritmill.kernels.rate.RandomValues;
import io.tritmill.kernels.rate.Weights;
import io.tritmill.kernels.tensor.Matrix;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** Trit-planes to convergence. */
@State(Scope.Thread)
public class PtqtpBenchmark {
  private static final int ROWS = 64;
  private static final int COLUMNS = 4096;

  @Param({"1", "2", "3"})
  int planes;

  @Param({"64", "128", "256", "row"})
  String group;

  @Param({"false", "true"})
  boolean tied;

  Quantizer method;
  Matrix weight;

  @Setup
  public void fill() {
    method = new Ptqtp(planes, Group.parse(group), tied, 50);
    weight = new Matrix(ROWS, COLUMNS, RandomValues.weights(ROWS * COLUMNS));
  }

  @Benchmark
  public Coded quantize(Weights weights) {
    weights.add(ROWS * COLUMNS);
    return method.quantize(weight);
  }
}
