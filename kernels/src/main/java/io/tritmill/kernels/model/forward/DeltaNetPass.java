package io.tritmill.kernels.model.forward;

import io.tritmill.kernels.model.DeltaNet;
import io.tritmill.kernels.model.DeltaNet.Rows;
import io.tritmill.kernels.model.Module;
import io.tritmill.kernels.model.TensorSpec;
import io.tritmill.kernels.model.function.CausalConvolution;
import io.tritmill.kernels.model.function.DeltaRule;
import io.tritmill.kernels.model.function.LogisticGate;
import io.tritmill.kernels.model.function.Normalization;
import io.tritmill.kernels.simd.Gemm;
import io.tritmill.kernels.simd.Simd;
import java.util.ArrayList;
import java.util.List;

/**
 * Runs gated delta-nets. A long sequence goes through in pieces, between which the memory and the
 * end of what is convolved are kept: scratch does not grow with its length.
 */
final class DeltaNetPass implements OperatorPass<DeltaNet> {
  /** Rows that linear modules run over at once: whole chunks of the rule. */
  private static final int PIECE = ForwardPass.SLAB / DeltaRule.CHUNK * DeltaRule.CHUNK;

  /** Added to squared lengths of queries and keys. */
  private static final double EPSILON = 1e-6;

  private final DeltaRule rule = new DeltaRule();
  private final LogisticGate gates = new LogisticGate();
  private float[][] projected = {}; // (tokens, rows) of each tensor that reads the input
  private float[] channels = {}; // (tokens, channels)
  private float[] strengths = {}; // (tokens, value heads)
  private float[] decays = {}; // (tokens, value heads)
  private float[] results = {}; // (tokens, value heads, value size)
  private float[] piece = {}; // (PIECE, hidden): of a longer sequence

  /** Rows of a part as they were computed. */
  private record Part(float[] values, int width, Rows rows) {
    int at(int token, int keyHead) {
      return token * width + rows.first() + keyHead * rows.step();
    }

    /** Copies so many rows of each key head, heads side by side. */
    void copy(int tokens, int heads, int size, float[] into, int at, int stride) {
      for (int t = 0; t < tokens; t++) {
        for (int head = 0; head < heads; head++) {
          int to = at + t * stride + head * size;
          System.arraycopy(values, at(t, head), into, to, size);
        }
      }
    }
  }

  @Override
  public boolean run(DeltaNet operator, Slab slab, float[] x, float[] y) {
    CausalConvolution convolution =
        new CausalConvolution(operator.channels(), slab.weights().flat(operator.convolution()));
    if (slab.tokens() <= PIECE) {
      return runPiece(operator, slab, convolution, x, y);
    }
    int hidden = operator.output().rows();
    piece = reserve(piece, PIECE, hidden);
    boolean through = true;
    int row = 0;
    for (int length : slab.lengths()) {
      SequenceState state = slab.state() == null ? new SequenceState(length) : slab.state();
      for (int done = 0; done < length; done += PIECE) {
        int rows = Math.min(PIECE, length - done);
        int at = (row + done) * hidden;
        System.arraycopy(x, at, piece, 0, rows * hidden);
        through &= runPiece(operator, slab.piece(rows, state), convolution, piece, piece);
        System.arraycopy(piece, 0, y, at, rows * hidden);
      }
      row += length;
    }
    return through;
  }

  /**
   * Runs over sequences, or over a piece of one.
   *
   * @param y may be x
   */
  private boolean runPiece(
      DeltaNet operator, Slab slab, CausalConvolution convolution, float[] x, float[] y) {
    int tokens = slab.tokens();
    if (slab.stopsAt(operator.inputs().getFirst().site(), tokens, x)) {
      return false;
    }
    reserve(operator, tokens);
    List<TensorSpec> tensors = project(operator, slab, x);
    control(operator, slab, tensors);
    gather(operator, tokens, tensors);
    DeltaRule.Inputs inputs = new DeltaRule.Inputs(channels, strengths, decays);
    int first = 0;
    for (int length : slab.lengths()) {
      SequenceState state = slab.state() == null ? new SequenceState(length) : slab.state();
      SequenceState.Recurrence kept = state.of(operator, convolution::before);
      convolution.begin(kept.convolved());
      rule.begin(operator, kept.memory());
      convolution.apply(channels, first, length);
      normalize(operator, first, length);
      rule.run(inputs, first, length, results);
      first += length;
    }
    float[] gains = slab.weights().gains(operator.norm());
    int heads = tokens * operator.valueHeads();
    Normalization.apply(operator.norm(), heads, gains, results, 0, results, 0);
    gate(operator, tokens, part(operator.rows().gate(), tensors));
    if (slab.stopsAt(operator.output().site(), tokens, results)) {
      return false;
    }
    slab.weights().linear(operator.output()).apply(tokens, results, y);
    return true;
  }

  private void reserve(DeltaNet operator, int tokens) {
    channels = reserve(channels, tokens, operator.channels());
    strengths = reserve(strengths, tokens, operator.valueHeads());
    decays = reserve(decays, tokens, operator.valueHeads());
    results = reserve(results, tokens, operator.output().columns());
  }

  private static float[] reserve(float[] held, int tokens, int width) {
    int size = Math.multiplyExact(tokens, width);
    return held.length < size ? new float[size] : held;
  }

  /**
   * Applies all that reads the input.
   *
   * @return the tensors whose products stand in {@code projected}
   */
  private List<TensorSpec> project(DeltaNet operator, Slab slab, float[] x) {
    List<TensorSpec> tensors = new ArrayList<>();
    operator.inputs().forEach(module -> tensors.add(module.weight()));
    tensors.addAll(operator.controls());
    if (projected.length < tensors.size()) {
      projected = new float[tensors.size()][0];
    }
    for (int i = 0; i < tensors.size(); i++) {
      projected[i] = reserve(projected[i], slab.tokens(), tensors.get(i).rows());
    }
    List<Module> inputs = operator.inputs();
    for (int i = 0; i < tensors.size(); i++) {
      if (i < inputs.size()) {
        slab.weights().linear(inputs.get(i)).apply(slab.tokens(), x, projected[i]);
      } else {
        Gemm.multiplyTransposed(
            slab.tokens(), x, slab.weights().matrix(tensors.get(i)), projected[i]);
      }
    }
    return tensors;
  }

  private Part part(Rows rows, List<TensorSpec> tensors) {
    return new Part(projected[tensors.indexOf(rows.tensor())], rows.tensor().rows(), rows);
  }

  /** Strengths and decays. */
  private void control(DeltaNet operator, Slab slab, List<TensorSpec> tensors) {
    int heads = operator.valueHeads();
    int sharing = operator.sharing();
    DeltaNet.Parts rows = operator.rows();
    part(rows.strength(), tensors)
        .copy(slab.tokens(), operator.keyHeads(), sharing, strengths, 0, heads);
    part(rows.decay(), tensors).copy(slab.tokens(), operator.keyHeads(), sharing, decays, 0, heads);
    float[] rate = slab.weights().vector(operator.rate());
    float[] shift = slab.weights().vector(operator.shift());
    for (int i = 0; i < slab.tokens() * heads; i++) {
      int head = i % heads;
      strengths[i] = (float) (1 / (1 + StrictMath.exp(-strengths[i])));
      double decay = StrictMath.exp(rate[head]) * softplus(decays[i] + shift[head]);
      // Infinite ones would have no differences.
      decays[i] = (float) -Math.min(decay, Float.MAX_VALUE);
    }
  }

  /** log(1 + e^x), which cannot overflow. */
  private static double softplus(double x) {
    return Math.max(x, 0) + StrictMath.log1p(StrictMath.exp(-Math.abs(x)));
  }

  /** Queries, keys and values of all heads side by side: the channels of the convolution. */
  private void gather(DeltaNet operator, int tokens, List<TensorSpec> tensors) {
    int wide = operator.channels();
    int heads = operator.keyHeads();
    int keys = operator.keySize();
    int values = operator.sharing() * operator.valueSize();
    DeltaNet.Parts rows = operator.rows();
    part(rows.query(), tensors).copy(tokens, heads, keys, channels, 0, wide);
    part(rows.key(), tensors).copy(tokens, heads, keys, channels, heads * keys, wide);
    part(rows.value(), tensors).copy(tokens, heads, values, channels, 2 * heads * keys, wide);
  }

  /** SiLU of all channels; queries and keys divided by their lengths. */
  private void normalize(DeltaNet operator, int first, int length) {
    int wide = operator.channels();
    int size = operator.keySize();
    double queryLength = 1 / Math.sqrt(size);
    for (int t = first; t < first + length; t++) {
      gates.silu(channels, t * wide, wide);
      for (int head = 0; head < 2 * operator.keyHeads(); head++) {
        int at = t * wide + head * size;
        double square = Simd.sumOfSquares(channels, at, size) + EPSILON;
        double becomes = head < operator.keyHeads() ? queryLength : 1;
        float factor = (float) (becomes / Math.sqrt(square));
        for (int c = at; c < at + size; c++) {
          channels[c] *= factor;
        }
      }
    }
  }

  /** results = results * silu(gate). */
  private void gate(DeltaNet operator, int tokens, Part gate) {
    int heads = operator.keyHeads();
    int size = operator.sharing() * operator.valueSize();
    for (int t = 0; t < tokens; t++) {
      for (int head = 0; head < heads; head++) {
        int at = (t * heads + head) * size;
        gates.multiplyBySilu(results, at, gate.values(), gate.at(t, head), size);
      }
    }
  }
}
