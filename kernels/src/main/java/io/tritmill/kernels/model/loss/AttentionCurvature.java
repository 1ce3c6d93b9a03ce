package io.tritmill.kernels.model.loss;

import io.tritmill.kernels.linalg.Gram;
import io.tritmill.kernels.linalg.GramAccumulator;
import io.tritmill.kernels.linalg.Strip;
import io.tritmill.kernels.model.Attention;
import io.tritmill.kernels.model.Site;
import io.tritmill.kernels.model.forward.AttentionTile;
import io.tritmill.kernels.model.forward.Taps;
import io.tritmill.kernels.model.function.RotaryEmbedding;
import io.tritmill.kernels.simd.Gemm;
import io.tritmill.kernels.simd.Simd;
import io.tritmill.kernels.tensor.Matrix;
import io.tritmill.kernels.tensor.WeightRows;
import java.util.Arrays;

/**
 * Gathers the curvature of the loss in queries and keys over a chunk of tokens, head by head, while
 * the full-precision block runs.
 *
 * <pre>
 * p_ts  probability with which query t looks at key s     R_t  rotation of position t
 * v_s, k_s, q_t  value, rotated key and query             vbar_t = sum_s p_ts v_s
 * B = Wo' M Wo / D, see HeadMetric; D from the scores' 1 / sqrt(D)
 *
 * C_t = sum_s p_ts (v_s - vbar_t) k_s'
 * query: sum_t R_t' C_t' B C_t R_t
 * key:   sum_t sum_s w_ts R_s' q_t q_t' R_s,   w_ts = p_ts^2 (v_s - vbar_t)' B (v_s - vbar_t)
 * </pre>
 *
 * The query's is exact to first order for an error of its head. The key's takes errors at different
 * positions as independent, and both leave out what two heads do together.
 *
 * <p>With B = N'N and u = N v nothing larger than (D, D) is formed for a query. That takes 3 S D^2
 * operations for S visible keys and each head, so only one query in D is used, by its number in the
 * chunk: each adds D rows to the sums, which so see as many rows as there are tokens. For sequences
 * of T that is T / (16 hidden) of the operations of the forward pass and, because the products are
 * small, about three times that share of its time: a fifth where T is hidden. Not for several
 * threads.
 */
public final class AttentionCurvature implements Taps {
  private final int heads;
  private final int groups; // key and value heads
  private final int size; // D
  private final int stride;
  private final RotaryEmbedding rotary;
  private final float[][] roots; // (heads) of N, (D, D)
  private final float[][] bent; // (heads) of N V', (D, T), of the sequence at hand
  private final GramAccumulator[] queries; // (heads)
  private final GramAccumulator[] keys; // (groups)
  private final float[] product; // (D, D): N C_t
  private float[] p = {}; // (S): p_ts of a query
  private float[] part = {}; // (S): a row of centred
  private float[] centred = {}; // (D, S): p_ts (u_s - ubar_t), transposed
  private float[] weights = {}; // (S): w_ts
  private float[] turned = {}; // (S, D): sqrt(w_ts) R_s' q_t
  private long begun; // tokens of the sequences before the one at hand
  private int length; // tokens of the sequence at hand

  /**
   * Begins a chunk.
   *
   * @param longest tokens of the longest sequence
   * @param curvature M, (hidden, hidden)
   * @param output the block's output weight, (hidden, heads * headSize)
   */
  public AttentionCurvature(Attention module, int longest, Matrix curvature, WeightRows output) {
    this(module, longest, curvature, output, module.headSize());
  }

  AttentionCurvature(
      Attention module, int longest, Matrix curvature, WeightRows output, int stride) {
    heads = module.heads();
    groups = module.keyValueHeads();
    size = module.headSize();
    this.stride = stride;
    rotary = new RotaryEmbedding(module.rope(), size, longest);
    HeadMetric metric = new HeadMetric(module, curvature, output);
    roots = new float[heads][];
    queries = new GramAccumulator[heads];
    for (int head = 0; head < heads; head++) {
      roots[head] = metric.root(head, 1.0 / size);
      queries[head] = new GramAccumulator(size);
    }
    keys = new GramAccumulator[groups];
    for (int group = 0; group < groups; group++) {
      keys[group] = new GramAccumulator(size);
    }
    bent = new float[heads][0];
    product = new float[size * size];
  }

  /** How many queries of a chunk of so many tokens are used. */
  public static long sampled(Attention module, long tokens) {
    return sampled(tokens, module.headSize());
  }

  static long sampled(long tokens, int stride) {
    return (tokens + stride - 1 - stride / 2) / stride;
  }

  @Override
  public void see(Site site, int tokens, int columns, float[] inputs) {}

  @Override
  public void seeAttention(AttentionTile tile) {
    if (tile.firstQuery() == 0) {
      if (tile.head() == 0) {
        begun += length;
        length = tile.length();
        reserve(length);
      }
      bend(tile);
    }
    for (int i = 0; i < tile.queries(); i++) {
      if ((begun + tile.firstQuery() + i) % stride == stride / 2) {
        add(tile, i);
      }
    }
  }

  private void reserve(int tokens) {
    if (weights.length < tokens) {
      p = new float[tokens];
      part = new float[tokens];
      weights = new float[tokens];
      centred = new float[Math.multiplyExact(size, tokens)];
      turned = new float[centred.length];
      for (int head = 0; head < heads; head++) {
        bent[head] = new float[centred.length];
      }
    }
  }

  /** N V' of a head's values in the whole sequence. */
  private void bend(AttentionTile tile) {
    int width = groups * size;
    float[] root = roots[tile.head()];
    float[] into = bent[tile.head()];
    Gemm.multiplyTransposed(
        size, length, size, root, 0, size, tile.v(), tile.valueAt(), width, into, 0, length);
  }

  private void add(AttentionTile tile, int row) {
    int visible = tile.firstQuery() + row + 1 - tile.firstKey();
    centre(tile, row, visible);
    addQuery(tile, row, visible);
    addKeys(tile, row, visible);
  }

  /** Fills centred and weights for one query. */
  private void centre(AttentionTile tile, int row, int visible) {
    float[] u = bent[tile.head()];
    System.arraycopy(tile.probabilities(), row * tile.keys(), p, 0, visible);
    Arrays.fill(weights, 0, visible, 0);
    for (int i = 0; i < size; i++) {
      // A row of its own, from 0 on: only then do compilers vectorize.
      System.arraycopy(u, i * length + tile.firstKey(), part, 0, visible);
      float mean = Simd.dot(p, 0, part, 0, visible);
      for (int s = 0; s < visible; s++) {
        float c = p[s] * (part[s] - mean);
        part[s] = c;
        weights[s] += c * c;
      }
      System.arraycopy(part, 0, centred, i * visible, visible);
    }
  }

  /** The rows of N C_t R_t. */
  private void addQuery(AttentionTile tile, int row, int visible) {
    int width = groups * size;
    int keyAt = tile.keyAt() + tile.firstKey() * width;
    Gemm.multiply(
        size, size, visible, centred, 0, visible, tile.k(), keyAt, width, product, 0, size);
    for (int i = 0; i < size; i++) {
      rotary.turnBack(tile.firstQuery() + row, product, i * size);
    }
    queries[tile.head()].add(size, product);
  }

  private void addKeys(AttentionTile tile, int row, int visible) {
    int queryAt = tile.queryAt() + row * heads * size;
    for (int s = 0; s < visible; s++) {
      float factor = (float) Math.sqrt(weights[s]);
      int at = s * size;
      for (int i = 0; i < size; i++) {
        turned[at + i] = tile.q()[queryAt + i] * factor;
      }
      rotary.turnBack(tile.firstKey() + s, turned, at);
    }
    keys[tile.head() / (heads / groups)].add(visible, turned);
  }

  /**
   * The sums of all queries used, the squares of all heads side by side; the chunk can take no
   * more.
   *
   * @return (headSize, heads * headSize)
   */
  public Strip queries() {
    return sideBySide(queries);
  }

  /** The same of keys, (headSize, keyValueHeads * headSize). */
  public Strip keys() {
    return sideBySide(keys);
  }

  private Strip sideBySide(GramAccumulator[] squares) {
    int width = squares.length * size;
    double[] values = new double[size * width];
    for (int head = 0; head < squares.length; head++) {
      Gram square = squares[head].finish();
      for (int s = 0; s < square.strips(); s++) {
        Strip strip = square.strip(s);
        for (int i = 0; i < strip.rows(); i++) {
          for (int c = 0; c < strip.columns(); c++) {
            double value = strip.values()[i * strip.columns() + c];
            int j = strip.first() + c;
            values[i * width + head * size + j] = value;
            values[j * width + head * size + i] = value;
          }
        }
      }
    }
    return new Strip(0, width, size, values);
  }
}
