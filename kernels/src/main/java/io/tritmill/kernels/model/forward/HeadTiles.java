package io.tritmill.kernels.model.forward;

import io.tritmill.kernels.model.function.SoftMax;
import io.tritmill.kernels.simd.Gemm;
import io.tritmill.kernels.simd.LaneSteps;
import java.util.Arrays;

/**
 * Attends within one sequence: soft-max(scaled q k') v for each head.
 *
 * <pre>
 * Q  queries in a tile     D  width of queries and keys
 * S  keys that it sees     E  width of values
 * </pre>
 *
 * Scores exist for one tile of queries at a time, so memory is linear in the length. A query's
 * result depends on no tile: every score, sum and product is one chain in the order of the keys.
 * Holds scratch: one thread at a time.
 */
final class HeadTiles {
  /** Whole tiles of a product, be they of 14 rows or of 4. */
  private static final int TILE = 56;

  private float[] scores = {}; // (Q, S), then the probabilities

  /**
   * Runs some heads. Query heads in a row share a head of keys and values, as many as there are for
   * each.
   *
   * @param past positions of the sequence before the first query
   * @param length queries, at the positions after those
   * @param window keys that a position sees, itself included; 0 for all
   * @param firstHead what the first of them is called before the soft-max and the taps
   * @param q (length, heads, D)
   * @param k (past + length, a divisor of heads, D), all that the window lets queries see
   * @param v (past + length, as keys, E)
   * @param results (length, heads, E), overwritten; perhaps q, of which no other head reads a
   *     vector, where D is E
   * @param taps see the probabilities
   */
  void attend(
      int past,
      int length,
      int window,
      int firstHead,
      SoftMax softMax,
      HeadRows q,
      HeadRows k,
      HeadRows v,
      HeadRows results,
      Taps taps) {
    int seen = window > 0 ? window : Integer.MAX_VALUE;
    if (length == 1 && taps == Taps.NONE) {
      attendOnce(past, seen, firstHead, softMax, q, k, v, results);
      return;
    }
    reserve(Math.min(TILE, length), past + length);
    for (int tile = 0; tile < length; tile += TILE) {
      int queries = Math.min(TILE, length - tile);
      int position = past + tile;
      int firstKey = firstVisible(seen, position);
      int keys = position + queries - firstKey;
      for (int head = 0; head < q.heads(); head++) {
        int shared = head / (q.heads() / k.heads());
        // 1. scores = q k', (Q, S)
        Gemm.multiplyTransposed(
            queries,
            keys,
            q.size(),
            q.values(),
            q.at(tile, head),
            q.stride(),
            k.values(),
            k.at(firstKey, shared),
            k.stride(),
            scores,
            0,
            keys);
        // 2. probabilities = soft-max of the scaled scores over the keys that a row may see
        for (int i = 0; i < queries; i++) {
          int from = firstVisible(seen, position + i) - firstKey;
          int to = position + i + 1 - firstKey;
          softMax.apply(firstHead + head, scores, i * keys, keys, from, to);
        }
        taps.seeAttention(
            new AttentionTile(
                firstHead + head,
                past + length,
                position,
                queries,
                firstKey,
                keys,
                scores,
                q.values(),
                q.at(tile, head),
                k.values(),
                k.at(0, shared),
                v.values(),
                v.at(0, shared)));
        // 3. results = probabilities v, (Q, E)
        Gemm.multiply(
            queries,
            v.size(),
            keys,
            scores,
            0,
            keys,
            v.values(),
            v.at(firstKey, shared),
            v.stride(),
            results.values(),
            results.at(tile, head),
            results.stride());
      }
    }
  }

  /**
   * The same for one query: heads that share keys are multiplied with them together, and values are
   * added up in the place of the result, so that nothing is rearranged for a single row.
   */
  private void attendOnce(
      int past,
      int seen,
      int firstHead,
      SoftMax softMax,
      HeadRows q,
      HeadRows k,
      HeadRows v,
      HeadRows results) {
    int sharing = q.heads() / k.heads();
    int firstKey = firstVisible(seen, past);
    int keys = past + 1 - firstKey;
    reserve(sharing, keys);
    for (int shared = 0; shared < k.heads(); shared++) {
      int first = shared * sharing;
      int from = k.at(firstKey, shared);
      Gemm.multiplyTransposed(
          sharing,
          keys,
          q.size(),
          q.values(),
          q.at(0, first),
          q.step(),
          k.values(),
          from,
          k.stride(),
          scores,
          0,
          keys);
      for (int i = 0; i < sharing; i++) {
        softMax.apply(firstHead + first + i, scores, i * keys, keys, 0, keys);
        for (int key = i * keys; key < (i + 1) * keys; key++) {
          // Negative, as products are subtracted.
          scores[key] = -scores[key];
        }
        int to = results.at(0, first + i);
        Arrays.fill(results.values(), to, to + v.size(), 0);
        LaneSteps.subtractProducts(
            v.size(),
            keys,
            scores,
            i * keys,
            v.values(),
            v.at(firstKey, shared),
            v.stride(),
            results.values(),
            to);
      }
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
