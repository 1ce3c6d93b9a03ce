package io.tritmill.kernels.quantize.compensate;

import io.tritmill.kernels.code.Coded;
import io.tritmill.kernels.code.Group;
import io.tritmill.kernels.quantize.LayerInputs;
import io.tritmill.kernels.quantize.LayerStatistics;
import io.tritmill.kernels.quantize.Quantizer;
import io.tritmill.kernels.quantize.band.BandSolver;
import io.tritmill.kernels.quantize.band.Columns;
import io.tritmill.kernels.quantize.round.Ptqtp;
import io.tritmill.kernels.rate.RandomValues;
import io.tritmill.kernels.tensor.Matrix;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** Calibrated methods on a square layer: the loop of GPTQ, its factor given, and descent. */
@State(Scope.Thread)
@BenchmarkMode(Mode.SingleShotTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
public class TritGptqBenchmark {
  @Param({"4096"})
  int n;

  @Param({"1", "2", "3"})
  int planes;

  @Param({"128"})
  String group;

  @Param({"true"})
  boolean tied;

  GptqMethod method;
  Matrix weight;
  LayerInputs inputs;
  Columns columns;
  Supplier<BandSolver> loop;
  Supplier<BandSolver> descent;

  @Setup
  public void fill() {
    weight = new Matrix(n, n, RandomValues.weights(n * n));
    Matrix gram = gram();
    inputs = LayerInputs.NONE.with(LayerStatistics.of(4L * n, gram));
    Quantizer rounding = new Ptqtp(planes, Group.parse(group), tied && planes > 1, 50);
    method = (GptqMethod) new Gptq(0.01, false, false).around(rounding);
    columns = Columns.of(weight, inputs.statistics(), "gptq");
    loop = method.solvers(columns, inputs.statistics());
    descent = () -> new CoordinateDescent(columns, 0.01, 1, null, null);
  }

  /** As definite as a damped Gram matrix of correlated inputs. */
  private Matrix gram() {
    float[] values = RandomValues.weights(n * n);
    float[] h = new float[n * n];
    for (int i = 0; i < n; i++) {
      for (int j = 0; j < n; j++) {
        h[i * n + j] = values[Math.min(i, j) * n + Math.max(i, j)];
      }
      h[i * n + i] = 0.1f * n;
    }
    return new Matrix(n, n, h);
  }

  /** Weights in, trits out. */
  @Benchmark
  public Coded gptqLoop() {
    return method.run(weight, inputs, columns, loop).codes();
  }

  /** Two sweeps from plain rounding, one with and one without scale steps, and two gradients. */
  @Benchmark
  public Coded descentOfTwoSweeps() {
    return method.run(weight, inputs, columns, descent).codes();
  }
}
