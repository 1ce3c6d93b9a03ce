package io.tritmill.kernels.model.forward;

import io.tritmill.kernels.model.Attention;
import io.tritmill.kernels.model.Norm;
import io.tritmill.kernels.model.Temperature;
import io.tritmill.kernels.model.forward.SequenceState.KeyValues;
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

  /**
   * Positions of a sequence that are here.
   *
   * @param begin the first of them
   * @param length T
   * @param whole tokens of the sequence in the end
   */
  private record Stretch(int begin, int length, int whole) {}

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
      attend(operator, slab, row, length);
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
   * Attends within one sequence: its rows of query become what output reads.
   *
   * @param first row of the slab at which the sequence begins, or goes on
   * @param length T, of what is here
   */
  private void attend(Attention module, Slab slab, int first, int length) {
    SublayerWeights weights = slab.weights();
    int heads = module.heads();
    int keyValueHeads = module.keyValueHeads();
    int headSize = module.headSize();
    int queryAt = first * heads * headSize;
    int keyAt = first * keyValueHeads * headSize;
    KeyValues seen = slab.state() == null ? null : slab.state().of(module);
    Stretch stretch =
        new Stretch(seen == null ? 0 : seen.keys().positions(), length, slab.wholeLength(length));
    Attention.InnerNorms norms = module.innerNorms();
    place(module, norms.query(), weights, stretch, heads, query, queryAt);
    place(module, norms.key(), weights, stretch, keyValueHeads, key, keyAt);
    if (norms.value() != null) {
      float[] ones = new float[headSize];
      Arrays.fill(ones, 1);
      Normalization.apply(norms.value(), length * keyValueHeads, ones, value, keyAt, value, keyAt);
    }
    if (module.temperature() != null) {
      grow(module.temperature(), stretch, heads * headSize, query, queryAt);
    }
    HeadRows keys = HeadRows.packed(key, keyAt, keyValueHeads, headSize);
    HeadRows values = HeadRows.packed(value, keyAt, keyValueHeads, headSize);
    if (seen != null) {
      seen.keys().add(length, key, keyAt);
      seen.values().add(length, value, keyAt);
      keys = seen.keys().heads(keyValueHeads);
      values = seen.values().heads(keyValueHeads);
    }
    float[] sinks = module.sinks() == null ? new float[0] : weights.vector(module.sinks());
    HeadRows queries = HeadRows.packed(query, queryAt, heads, headSize);
    tiles.attend(
        stretch.begin(),
        length,
        module.window(),
        0,
        new SoftMax(module.scale(), module.softCap(), sinks),
        queries,
        keys,
        values,
        queries,
        slab.taps());
    normalize(norms.result(), weights, length, heads * headSize, query, queryAt);
  }

  /** Norm and rotation of queries or keys, in the order that the module has them. */
  private void place(
      Attention module,
      Norm norm,
      SublayerWeights weights,
      Stretch stretch,
      int heads,
      float[] x,
      int at) {
    int length = stretch.length();
    int width = heads * module.headSize();
    boolean rotated = module.innerNorms().rotated();
    if (!rotated) {
      normalize(norm, weights, length, width, x, at);
    }
    if (module.rope() != null) {
      rotary
          .of(module.rope(), module.headSize(), stretch.whole())
          .rotate(stretch.begin(), length, heads, x, at);
    }
    if (rotated) {
      normalize(norm, weights, length, width, x, at);
    }
  }

  private static void grow(Temperature temperature, Stretch stretch, int width, float[] x, int at) {
    for (int row = 0; row < stretch.length(); row++) {
      float factor = temperature.factor(stretch.begin() + row);
      int from = at + row * width;
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
