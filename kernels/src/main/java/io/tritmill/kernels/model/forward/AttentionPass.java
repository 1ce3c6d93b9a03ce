package io.tritmill.kernels.model.forward;

import io.tritmill.kernels.model.Attention;
import io.tritmill.kernels.model.Norm;
import io.tritmill.kernels.model.Rope;
import io.tritmill.kernels.simd.Gemm;
import java.util.HashMap;
import java.util.Map;

/**
 * Runs causal grouped-query attention.
 *
 * <pre>
 * T  tokens of a sequence          H  query heads
 * Q  query rows in a tile          G  key and value heads, H / G query heads share one
 * S  keys that a tile sees         D  head size
 * </pre>
 *
 * Scores exist for one tile of query rows at a time, so memory is linear in T. A row's result
 * depends on no tile: every score, sum and product is one chain in the order of the keys.
 */
final class AttentionPass implements OperatorPass<Attention> {
  /** Whole tiles of a product, be they of 14 rows or of 4. */
  private static final int TILE = 56;

  private final int positions;
  private final Map<Positions, RotaryEmbedding> rotary = new HashMap<>();
  private float[] query = {}; // (tokens, H, D)
  private float[] key = {}; // (tokens, G, D)
  private float[] value = {}; // (tokens, G, D)
  private float[] scores = {}; // (Q, S), then the probabilities

  /** What a table of sines and cosines depends on. */
  private record Positions(Rope rope, int headSize) {}

  /**
   * @param positions longest sequence
   */
  AttentionPass(int positions) {
    this.positions = positions;
  }

  @Override
  public boolean run(Attention operator, Slab slab, float[] x, float[] y) {
    int tokens = slab.tokens();
    SublayerWeights weights = slab.weights();
    if (slab.stopsAt(operator.query().site(), tokens, x)) {
      return false;
    }
    reserve(operator, tokens);
    weights.linear(operator.query()).apply(tokens, x, query);
    weights.linear(operator.key()).apply(tokens, x, key);
    weights.linear(operator.value()).apply(tokens, x, value);
    int row = 0;
    for (int length : slab.lengths()) {
      forward(operator, weights, row, length, query, key, value, slab.taps());
      row += length;
    }
    if (slab.stopsAt(operator.output().site(), tokens, query)) {
      return false;
    }
    weights.linear(operator.output()).apply(tokens, query, y);
    return true;
  }

  private void reserve(Attention module, int tokens) {
    int queries = Math.multiplyExact(tokens, module.query().rows());
    int keys = Math.multiplyExact(tokens, module.key().rows());
    if (query.length < queries) {
      query = new float[queries];
    }
    if (key.length < keys) {
      key = new float[keys];
      value = new float[keys];
    }
  }

  /** The rotation of a module's queries and keys. */
  private RotaryEmbedding rotary(Attention module, int length) {
    return rotary.computeIfAbsent(
        new Positions(module.rope().forLength(length), module.headSize()),
        key -> new RotaryEmbedding(key.rope(), key.headSize(), positions));
  }

  /**
   * Attends within one sequence.
   *
   * @param weights norms and sinks of the module
   * @param first row at which the sequence begins in q, k and v
   * @param length T
   * @param q (rows, H, D) before norm and rotation; the rows of the sequence become the heads'
   *     results
   * @param k (rows, G, D) before norm and rotation; the rows of the sequence are changed
   * @param v (rows, G, D)
   * @param taps see the probabilities
   */
  private void forward(
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
    normalize(module.queryNorm(), weights, length, qWidth, q, first * qWidth);
    normalize(module.keyNorm(), weights, length, kvWidth, k, first * kvWidth);
    if (module.rope() != null) {
      RotaryEmbedding rotation = rotary(module, length);
      rotation.rotate(length, heads, q, first * qWidth);
      rotation.rotate(length, keyValueHeads, k, first * kvWidth);
    }
    SoftMax softMax = new SoftMax(module, weights);
    int window = module.window() > 0 ? module.window() : Integer.MAX_VALUE;
    reserve(Math.min(TILE, length), length);
    for (int tile = 0; tile < length; tile += TILE) {
      int queries = Math.min(TILE, length - tile);
      int firstKey = firstVisible(window, tile);
      int keys = tile + queries - firstKey;
      for (int head = 0; head < heads; head++) {
        int qAt = (first + tile) * qWidth + head * headSize;
        int kvHead = first * kvWidth + head / (heads / keyValueHeads) * headSize;
        int kvAt = kvHead + firstKey * kvWidth;
        // 1. scores = q k', (Q, S)
        Gemm.multiplyTransposed(
            queries, keys, headSize, q, qAt, qWidth, k, kvAt, kvWidth, scores, 0, keys);
        // 2. probabilities = soft-max of the scaled scores over the keys that a row may see
        for (int i = 0; i < queries; i++) {
          int from = firstVisible(window, tile + i) - firstKey;
          softMax.apply(head, scores, i * keys, keys, from, tile + i + 1 - firstKey);
        }
        taps.seeAttention(
            new AttentionTile(
                head, length, tile, queries, firstKey, keys, scores, q, qAt, k, v, kvHead));
        // 3. q = probabilities v, (Q, D): nobody else reads these queries
        Gemm.multiply(queries, headSize, keys, scores, 0, keys, v, kvAt, kvWidth, q, qAt, qWidth);
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

  private static int firstVisible(int window, int position) {
    return Math.max(0, position - window + 1);
  }

  private void reserve(int queries, int keys) {
    int size = Math.multiplyExact(queries, keys);
    if (scores.length < size) {
      scores = new float[size];
    }
  }
}
