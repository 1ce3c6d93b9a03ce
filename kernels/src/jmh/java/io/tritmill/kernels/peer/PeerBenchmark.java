package io.tritmill.kernels.peer;

import io.tritmill.kernels.code.Coded;
import io.tritmill.kernels.code.Group;
import io.tritmill.kernels.code.RepeatedRows;
import io.tritmill.kernels.code.TritPlanes;
import io.tritmill.kernels.quantize.round.Absmean;
import io.tritmill.kernels.quantize.round.Ptqtp;
import io.tritmill.kernels.rate.RandomValues;
import io.tritmill.kernels.rate.Weights;
import io.tritmill.kernels.simd.ByteRows;
import io.tritmill.kernels.simd.TernaryMatrix;
import io.tritmill.kernels.tensor.Matrix;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** A ternary matrix times one token, and two planes solved: here and in C, in one run. */
public class PeerBenchmark {
  private static final int COLUMNS = 4096;

  /** One scale a row, as Bitnet.cpp has one a tensor; the larger matrix lies in memory. */
  @State(Scope.Thread)
  public static class Product {
    private static final int DIFFERENT = 256;

    @Param({"4096", "131072"})
    int rows;

    TernaryMatrix matrix;
    ByteRows x;
    float[] y;
    MethodHandle multiply;
    MemorySegment codes;
    MemorySegment scales;
    MemorySegment activations;
    MemorySegment products;

    @Setup
    public void fill() throws Throwable {
      Arena arena = Arena.ofAuto();
      float[] values = RandomValues.weights(DIFFERENT * COLUMNS);
      TritPlanes planes =
          (TritPlanes) new Absmean(Group.ROW).quantize(new Matrix(DIFFERENT, COLUMNS, values));
      matrix = TernaryMatrix.of(new RepeatedRows(planes, rows));
      x = ByteRows.quantize(1, COLUMNS, RandomValues.weights(COLUMNS));
      y = new float[rows];
      long bytes = (long) rows * COLUMNS / 4;
      codes = arena.allocate(bytes, 64);
      scales = arena.allocate(4L * rows, 64);
      activations = arena.allocate(COLUMNS, 64);
      products = arena.allocate(4L * rows, 64);
      MemorySegment trits = arena.allocate((long) DIFFERENT * COLUMNS);
      MemorySegment.copy(
          planes.trits()[0], 0, trits, ValueLayout.JAVA_BYTE, 0, DIFFERENT * COLUMNS);
      var address = ValueLayout.ADDRESS;
      var number = ValueLayout.JAVA_LONG;
      NativePeer.function("encode", address, number, number, address)
          .invokeExact(trits, (long) DIFFERENT, (long) COLUMNS, codes);
      long part = (long) DIFFERENT * COLUMNS / 4;
      for (long at = part; at < bytes; at += part) {
        MemorySegment.copy(codes, 0, codes, at, part);
      }
      for (int row = 0; row < rows; row++) {
        scales.setAtIndex(
            ValueLayout.JAVA_FLOAT, row, planes.scale(row % DIFFERENT, 0, 0) * x.scale(0));
      }
      for (int column = 0; column < COLUMNS; column++) {
        activations.set(ValueLayout.JAVA_BYTE, column, x.value(0, column));
      }
      multiply =
          NativePeer.function("multiply", address, address, number, number, address, address);
      requireEqualProducts();
    }

    private void requireEqualProducts() throws Throwable {
      matrix.multiply(x, y);
      multiply.invokeExact(codes, scales, (long) rows, (long) COLUMNS, activations, products);
      for (int row = 0; row < rows; row++) {
        float other = products.getAtIndex(ValueLayout.JAVA_FLOAT, row);
        if (Math.abs(y[row] - other) > 1e-5f * Math.abs(other) + 1e-9f) {
          throw new IllegalStateException(
              "Row %d is %s here and %s in C".formatted(row, y[row], other));
        }
      }
    }
  }

  /** Groups of 128, to convergence. */
  @State(Scope.Thread)
  public static class Solve {
    private static final int ROWS = 64;

    Matrix weight;
    Ptqtp method;
    MethodHandle ptqtp;
    MemorySegment values;
    MemorySegment first;
    MemorySegment second;
    MemorySegment scales;

    @Setup
    public void fill() {
      method = new Ptqtp(2, Group.of(128), false, 50);
      weight = new Matrix(ROWS, COLUMNS, RandomValues.weights(ROWS * COLUMNS));
      Arena arena = Arena.ofAuto();
      long count = (long) ROWS * COLUMNS;
      values = arena.allocate(4 * count, 64);
      values.copyFrom(MemorySegment.ofArray(weight.values()));
      first = arena.allocate(count, 64);
      second = arena.allocate(count, 64);
      scales = arena.allocate(8 * count / 128, 64);
      var address = ValueLayout.ADDRESS;
      ptqtp =
          NativePeer.function("ptqtp", address, ValueLayout.JAVA_LONG, address, address, address);
    }
  }

  @Benchmark
  public float[] product(Product state, Weights weights) {
    state.matrix.multiply(state.x, state.y);
    weights.add((long) state.rows * COLUMNS);
    return state.y;
  }

  @Benchmark
  public void productInC(Product state, Weights weights) throws Throwable {
    state.multiply.invokeExact(
        state.codes,
        state.scales,
        (long) state.rows,
        (long) COLUMNS,
        state.activations,
        state.products);
    weights.add((long) state.rows * COLUMNS);
  }

  @Benchmark
  public Coded solve(Solve state, Weights weights) {
    weights.add((long) Solve.ROWS * COLUMNS);
    return state.method.quantize(state.weight);
  }

  @Benchmark
  public void solveInC(Solve state, Weights weights) throws Throwable {
    long groups = (long) Solve.ROWS * COLUMNS / 128;
    state.ptqtp.invokeExact(state.values, groups, state.first, state.second, state.scales);
    weights.add((long) Solve.ROWS * COLUMNS);
  }
}
