package io.tritmill.kernels.model.forward;

import io.tritmill.kernels.model.Attention;
import io.tritmill.kernels.model.Norm;
import io.tritmill.kernels.model.Temperature;
import io.tritmill.kernels.model.function.LogisticGate;
import io.tritmill.kernels.model.function.Normalization;
import io.tritmill.kernels.model.function.RotaryEmbeddings;
import io.tritmill.kernels.model.function.SoftMax;
import java.util.Arrays;

/**
 * Runs causal grouped-query attention.
 *
 * <pre>
 * T  tokens of a sequence     G  key and value heads, H / G query heads share one
 * H  query heads              D  head size
 * </pre>
 */
final class AttentionPass implements OperatorPass<Attention> {
  private final RotaryEmbeddings rotary;
  private final HeadTiles tiles = new HeadTiles();
  private final LogisticGate gates = new LogisticGate();
  private float[] gated = {}; // (tokens, H, 2, D): query and gate of each head
  private float[] query = {}; // (tokens, H, D)
  private float[] key = {}; // (tokens, G, D)
  private float[] value = {}; // (tokens, G, D)

  AttentionPass(RotaryEmbeddings rotary) {
    this.rotary = rotary;
  }

  @Override
  public boolean run(Attention operator, Slab slab, float[] x, float[] y) {
    int tokens = slab.tokens();
    SublayerWeights weights = slab.weights();
    if (slab.stopsAt(operator.query().site(), tokens, x)) {
      return false;
    }
    reserve(operator, tokens);
    query(operator, slab, x);
    weights.linear(operator.key()).apply(tokens, x, key);
    if (operator.value() == null) {
      System.arraycopy(key, 0, value, 0, tokens * operator.key().rows());
    } else {
      weights.linear(operator.value()).apply(tokens, x, value);
    }
    int row = 0;
    for (int length : slab.lengths()) {
      forward(operator, weights, row, length, query, key, value, slab.taps());
      row += length;
    }
    if (operator.gated()) {
      openGates(operator, tokens);
    }
    if (slab.stopsAt(operator.output().site(), tokens, query)) {
      return false;
    }
    weights.linear(operator.output()).apply(tokens, query, y);
    return true;
  }

  private void reserve(Attention module, int tokens) {
    int queries = Math.multiplyExact(tokens, module.output().columns());
    int keys = Math.multiplyExact(tokens, module.key().rows());
    if (query.length < queries) {
      query = new float[queries];
    }
    if (key.length < keys) {
      key = new float[keys];
      value = new float[keys];
    }
  }

  private void query(Attention module, Slab slab, float[] x) {
    int tokens = slab.tokens();
    Linear linear = slab.weights().linear(module.query());
    if (!module.gated()) {
      linear.apply(tokens, x, query);
      return;
    }
    int size = module.headSize();
    int values = Math.multiplyExact(tokens, module.query().rows());
    if (gated.length < values) {
      gated = new float[values];
    }
    linear.apply(tokens, x, gated);
    for (int head = 0; head < tokens * module.heads(); head++) {
      System.arraycopy(gated, 2 * head * size, query, head * size, size);
    }
  }

  /** query = query * sigma(gate). */
  private void openGates(Attention module, int tokens) {
    int size = module.headSize();
    for (int head = 0; head < tokens * module.heads(); head++) {
      gates.open(query, head * size, gated, (2 * head + 1) * size, size);
    }
  }

  /**
   * Attends within one sequence.
   *
   * @param weights norms and sinks of the module
   * @param first row at which the sequence begins in q, k and v
   * @param length T
   * @param q (rows, H, D) before norm and rotation; the rows of the sequence become what output
   *     reads
   * @param k (rows, G, D) before norm and rotation; the rows of the sequence are changed
   * @param v (rows, G, D) before norm; the rows of the sequence are changed
   * @param taps see the probabilities
   */
  void forward(
      Attention module,
      SublayerWeights weights,
      int first,
      int length,
      float[] q,
      float[] k,
      float[] v,
      Taps taps) {
    int heads = module.heads();
    int keyValueHeads = module.keyValueHeads();
    int headSize = module.headSize();
    int qWidth = heads * headSize;
    int kvWidth = keyValueHeads * headSize;
    Attention.InnerNorms norms = module.innerNorms();
    place(module, norms.query(), weights, length, heads, q, first * qWidth);
    place(module, norms.key(), weights, length, keyValueHeads, k, first * kvWidth);
    if (norms.value() != null) {
      float[] ones = new float[headSize];
      Arrays.fill(ones, 1);
      int values = first * kvWidth;
      Normalization.apply(norms.value(), length * keyValueHeads, ones, v, values, v, values);
    }
    if (module.temperature() != null) {
      grow(module.temperature(), length, qWidth, q, first * qWidth);
    }
    float[] sinks = module.sinks() == null ? new float[0] : weights.vector(module.sinks());
    HeadRows queries = HeadRows.packed(q, first * qWidth, heads, headSize);
    tiles.attend(
        length,
        module.window(),
        0,
        new SoftMax(module.scale(), module.softCap(), sinks),
        queries,
        HeadRows.packed(k, first * kvWidth, keyValueHeads, headSize),
        HeadRows.packed(v, first * kvWidth, keyValueHeads, headSize),
        queries,
        taps);
    normalize(norms.result(), weights, length, qWidth, q, first * qWidth);
  }

  /** Norm and rotation of queries or keys, in the order that the module has them. */
  private void place(
      Attention module,
      Norm norm,
      SublayerWeights weights,
      int length,
      int heads,
      float[] x,
      int at) {
    int width = heads * module.headSize();
    boolean rotated = module.innerNorms().rotated();
    if (!rotated) {
      normalize(norm, weights, length, width, x, at);
    }
    if (module.rope() != null) {
      rotary.of(module.rope(), module.headSize(), length).rotate(length, heads, x, at);
    }
    if (rotated) {
      normalize(norm, weights, length, width, x, at);
    }
  }

  private static void grow(Temperature temperature, int length, int width, float[] x, int at) {
    for (int position = 0; position < length; position++) {
      float factor = temperature.factor(position);
      int from = at + position * width;
      for (int i = from; i < from + width; i++) {
        x[i] *= factor;
      }
    }
  }

  /** Each head, or all side by side, as many elements as there are gains. */
  private static void normalize(
      Norm norm, SublayerWeights weights, int length, int width, float[] x, int at) {
    if (norm != null) {
      float[] gains = weights.gains(norm);
      Normalization.apply(norm, length * (width / gains.length), gains, x, at, x, at);
    }
  }
}
