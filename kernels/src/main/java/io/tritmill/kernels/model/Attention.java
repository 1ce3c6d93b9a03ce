package io.tritmill.kernels.model;

import io.tritmill.kernels.simd.Gemm;
import io.tritmill.kernels.simd.Simd;
import java.util.Arrays;

/**
 * Causal grouped-query attention (arXiv:1706.03762, arXiv:2305.13245) of one sequence, with an
 * optional sliding window (arXiv:2310.06825).
 *
 * <pre>
 * T  tokens of the sequence        H  query heads
 * Q  query rows in a tile          G  key and value heads, H / G query heads share one
 * S  keys that a tile sees         D  head size
 * </pre>
 *
 * Scores exist for one tile of query rows at a time, so memory is linear in T. A row's result
 * depends on no tile: every score, sum and product is one chain in the order of the keys. Holds
 * scratch: one thread at a time.
 */
final class Attention {
  /** Whole tiles of a product, be they of 14 rows or of 4. */
  private static final int TILE = 56;

  private final int heads;
  private final int keyValueHeads;
  private final int headSize;
  private final int window;
  private final RotaryEmbedding rotary;
  private float[] scores = {}; // (Q, S), then the probabilities

  /**
   * @param positions longest sequence
   */
  Attention(ModelConfig config, int positions) {
    heads = config.heads();
    keyValueHeads = config.keyValueHeads();
    headSize = config.headSize();
    window = config.slidingWindow() > 0 ? config.slidingWindow() : Integer.MAX_VALUE;
    rotary = new RotaryEmbedding(config.rope(), headSize, positions);
  }

  /**
   * Attends within one sequence.
   *
   * @param first row at which the sequence begins in q, k and v
   * @param length T
   * @param q (rows, H, D) before rotation; the rows of the sequence become the heads' results
   * @param k (rows, G, D) before rotation; the rows of the sequence are rotated
   * @param v (rows, G, D)
   * @param taps see the probabilities
   */
  void forward(int first, int length, float[] q, float[] k, float[] v, Taps taps) {
    int qWidth = heads * headSize;
    int kvWidth = keyValueHeads * headSize;
    rotary.rotate(length, heads, q, first * qWidth);
    rotary.rotate(length, keyValueHeads, k, first * kvWidth);
    reserve(Math.min(TILE, length), length);
    for (int tile = 0; tile < length; tile += TILE) {
      int queries = Math.min(TILE, length - tile);
      int firstKey = firstVisible(tile);
      int keys = tile + queries - firstKey;
      for (int head = 0; head < heads; head++) {
        int qAt = (first + tile) * qWidth + head * headSize;
        int kvHead = first * kvWidth + head / (heads / keyValueHeads) * headSize;
        int kvAt = kvHead + firstKey * kvWidth;
        // 1. scores = q k', (Q, S)
        Gemm.multiplyTransposed(
            queries, keys, headSize, q, qAt, qWidth, k, kvAt, kvWidth, scores, 0, keys);
        // 2. probabilities = soft-max of scores / sqrt(D) over the keys that a row may see
        for (int i = 0; i < queries; i++) {
          int from = firstVisible(tile + i) - firstKey;
          softMax(i * keys, keys, from, tile + i + 1 - firstKey);
        }
        taps.seeAttention(
            new AttentionTile(
                head, length, tile, queries, firstKey, keys, scores, q, qAt, k, v, kvHead));
        // 3. q = probabilities v, (Q, D): nobody else reads these queries
        Gemm.multiply(queries, headSize, keys, scores, 0, keys, v, kvAt, kvWidth, q, qAt, qWidth);
      }
    }
  }

  private int firstVisible(int position) {
    return Math.max(0, position - window + 1);
  }

  private void reserve(int queries, int keys) {
    int size = Math.multiplyExact(queries, keys);
    if (scores.length < size) {
      scores = new float[size];
    }
  }

  /** Row {@code [at, at + width)} of the scores; columns outside [from, to) get probability 0. */
  private void softMax(int at, int width, int from, int to) {
    int first = at + from;
    int visible = to - from;
    float max = Simd.max(scores, first, visible);
    Simd.exp(scores, first, visible, max, (float) (1 / Math.sqrt(headSize)));
    float share = (float) (1 / Simd.sumOfAbs(scores, first, visible));
    for (int i = first; i < first + visible; i++) {
      scores[i] *= share;
    }
    Arrays.fill(scores, at, at + from, 0);
    Arrays.fill(scores, at + to, at + width, 0);
  }
}
