package io.tritmill.kernels.carrier;

import io.tritmill.kernels.code.Group;
import io.tritmill.kernels.code.PackedMatrix;
import io.tritmill.kernels.quantize.LayerInputs;
import io.tritmill.kernels.quantize.Quantizer;
import io.tritmill.kernels.quantize.round.Int;
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

/** Packed codes to the blocks of a GGUF file. */
@State(Scope.Thread)
public class BlockCarrierBenchmark {
  private static final int ROWS = 256;
  private static final int COLUMNS = 4096;

  /** Levels, and the smallest blocks that hold them. */
  public enum Source {
    TRITS_TQ1(new Ptqtp(1, Group.of(256), true, 10), BlockCarrier.TQ1_0),
    TRITS_TQ2(new Ptqtp(1, Group.of(256), true, 10), BlockCarrier.TQ2_0),
    TRITS_Q2(new Ptqtp(1, Group.of(64), true, 10), BlockCarrier.Q2_0),
    PLANES_Q4(new Ptqtp(2, Group.of(64), true, 10), BlockCarrier.Q4_0),
    PLANES_Q5(new Ptqtp(3, Group.of(64), true, 10), BlockCarrier.Q5_0),
    INT4_Q4(new Int(4, Group.of(32), true), BlockCarrier.Q4_0),
    INT5_Q5(new Int(5, Group.of(32), true), BlockCarrier.Q5_0),
    INT8_Q8(new Int(8, Group.of(32), true), BlockCarrier.Q8_0);

    private final Quantizer method;
    private final BlockCarrier carrier;

    Source(Quantizer method, BlockCarrier carrier) {
      this.method = method;
      this.carrier = carrier;
    }
  }

  @Param Source source;

  PackedMatrix packed;
  byte[] blocks;
  byte[] room;

  @Setup
  public void quantize() {
    Matrix weight = new Matrix(ROWS, COLUMNS, RandomValues.weights(ROWS * COLUMNS));
    packed = source.method.quantize(weight, LayerInputs.NONE).pack();
    blocks = new byte[ROWS * source.carrier.rowBytes(COLUMNS)];
    room = new byte[COLUMNS];
  }

  @Benchmark
  public byte[] encode(Weights weights, Traffic traffic) {
    weights.add(ROWS * COLUMNS);
    traffic.add(packed.bits() / 8 + blocks.length);
    ScaledIntegers integers = ScaledIntegers.of(packed).orElseThrow();
    int rowBytes = source.carrier.rowBytes(COLUMNS);
    for (int row = 0; row < ROWS; row++) {
      source.carrier.encode(integers, row, room, blocks, row * rowBytes);
    }
    return blocks;
  }
}
