package io.tritmill.kernels.model.forward;

import io.tritmill.kernels.model.Activation;
import io.tritmill.kernels.model.FeedForward;
import io.tritmill.kernels.model.Rotations;
import io.tritmill.kernels.model.function.Xielu;
import io.tritmill.kernels.simd.Simd;

/** Runs feed-forwards: down(norm(act(gate(x)) * up(x))). */
final class FeedForwardPass implements OperatorPass<FeedForward> {
  /** Rows that linear modules run over at once. */
  private static final int TILE = ForwardPass.SLAB;

  private final Rotations rotations;
  private float[] gate = {}; // (TILE, width)
  private float[] up = {}; // (TILE, width)
  private float[] gateRow = {}; // (width)
  private float[] upRow = {}; // (width)
  private float[] decay = {}; // (width): e^-z of a row
  private float[] tile = {}; // (TILE, hidden): of more rows than these
  private Xielu xielu; // of the module at hand
  private float limit; // of the module at hand

  FeedForwardPass(Rotations rotations) {
    this.rotations = rotations;
  }

  private void reserve(int width) {
    if (gateRow.length < width) {
      gate = new float[Math.multiplyExact(TILE, width)];
      up = new float[gate.length];
      gateRow = new float[width];
      upRow = new float[width];
      decay = new float[width];
    }
  }

  @Override
  public boolean run(FeedForward operator, Slab slab, float[] x, float[] y) {
    int tokens = slab.tokens();
    if (tokens <= TILE) {
      return runTile(operator, slab, tokens, x, y);
    }
    int hidden = operator.up().columns();
    if (tile.length < TILE * hidden) {
      tile = new float[Math.multiplyExact(TILE, hidden)];
    }
    boolean through = true;
    for (int done = 0; done < tokens; done += TILE) {
      int rows = Math.min(TILE, tokens - done);
      System.arraycopy(x, done * hidden, tile, 0, rows * hidden);
      through &= runTile(operator, slab, rows, tile, tile);
      System.arraycopy(tile, 0, y, done * hidden, rows * hidden);
    }
    return through;
  }

  /**
   * @param y may be x
   */
  private boolean runTile(FeedForward operator, Slab slab, int tokens, float[] x, float[] y) {
    if (slab.stopsAt(operator.up().site(), tokens, x)) {
      return false;
    }
    activate(operator, slab.weights(), tokens, x, slab.taps());
    if (slab.stopsAt(operator.down().site(), tokens, gate)) {
      return false;
    }
    slab.weights().linear(operator.down()).apply(tokens, gate, y);
    return true;
  }

  /** gate = what enters down, of each row. */
  private void activate(
      FeedForward module, SublayerWeights weights, int tokens, float[] x, Taps taps) {
    int width = module.width();
    reserve(width);
    limit = module.limit();
    if (module.activation() == Activation.XIELU) {
      xielu =
          Xielu.of(
              module.parameters().stream().mapToDouble(one -> weights.vector(one)[0]).toArray());
    }
    if (module.gate() == null) {
      weights.linear(module.up()).apply(tokens, x, gate);
      for (int t = 0; t < tokens; t++) {
        activate(module.activation(), t * width, width);
      }
    } else {
      weights.linear(module.gate()).apply(tokens, x, gate);
      weights.linear(module.up()).apply(tokens, x, up);
      taps.seeGates(tokens, width, gate, up);
      for (int t = 0; t < tokens; t++) {
        multiply(module.activation(), t * width, width);
      }
    }
    if (module.norm() != null) {
      weights.normalize(module.norm(), tokens, gate, gate);
    }
    rotations.enterDown(tokens, gate);
  }

  /** gate = act(gate) * up, for the row at {@code at}. */
  private void multiply(Activation activation, int at, int width) {
    // Rows of their own, all from 0 on: only then do compilers vectorize.
    System.arraycopy(gate, at, gateRow, 0, width);
    System.arraycopy(up, at, upRow, 0, width);
    if (activation == Activation.SILU) {
      System.arraycopy(gate, at, decay, 0, width);
      Simd.exp(decay, 0, width, 0, -1);
      for (int i = 0; i < width; i++) {
        gateRow[i] = gateRow[i] / (1 + decay[i]) * upRow[i];
      }
    } else {
      if (activation == Activation.CLAMPED_SILU) {
        for (int i = 0; i < width; i++) {
          upRow[i] = 1 + Math.clamp(upRow[i], -limit, limit);
        }
      }
      activateRow(activation, width);
      for (int i = 0; i < width; i++) {
        gateRow[i] *= upRow[i];
      }
    }
    System.arraycopy(gateRow, 0, gate, at, width);
  }

  /** gate = act(gate), for the row at {@code at}. */
  private void activate(Activation activation, int at, int width) {
    System.arraycopy(gate, at, gateRow, 0, width);
    activateRow(activation, width);
    System.arraycopy(gateRow, 0, gate, at, width);
  }

  private void activateRow(Activation activation, int width) {
    switch (activation) {
      case SILU -> {
        System.arraycopy(gateRow, 0, decay, 0, width);
        Simd.exp(decay, 0, width, 0, -1);
        for (int i = 0; i < width; i++) {
          gateRow[i] = gateRow[i] / (1 + decay[i]);
        }
      }
      case GELU_TANH -> {
        // z / 2 (1 + tanh u) = z / (1 + e^-2u)
        float[] z = gateRow;
        for (int i = 0; i < width; i++) {
          decay[i] = z[i] * (1 + 0.044715f * z[i] * z[i]);
        }
        Simd.exp(decay, 0, width, 0, (float) (-2 * Math.sqrt(2 / Math.PI)));
        for (int i = 0; i < width; i++) {
          z[i] = z[i] / (1 + decay[i]);
        }
      }
      case RELU_SQUARED -> {
        for (int i = 0; i < width; i++) {
          float positive = Math.max(gateRow[i], 0);
          gateRow[i] = positive * positive;
        }
      }
      case CLAMPED_SILU -> {
        for (int i = 0; i < width; i++) {
          gateRow[i] = Math.min(gateRow[i], limit);
        }
        System.arraycopy(gateRow, 0, decay, 0, width);
        Simd.exp(decay, 0, width, 0, -1.702f);
        for (int i = 0; i < width; i++) {
          gateRow[i] = gateRow[i] / (1 + decay[i]);
        }
      }
      case XIELU -> xielu.apply(gateRow, decay, width);
    }
  }
}
