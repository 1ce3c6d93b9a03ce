package io.tritmill.kernels.model.function;

import io.tritmill.kernels.model.DeltaNet;
import io.tritmill.kernels.simd.Gemm;
import io.tritmill.kernels.simd.GemmUpdate;
import io.tritmill.kernels.simd.LaneSteps;
import io.tritmill.kernels.simd.Simd;
import java.util.Arrays;

/**
 * The gated delta rule of a {@link DeltaNet}, over one sequence in chunks of tokens, so that nearly
 * all of it is matrix products (arXiv:2406.06484, section 3; with decays arXiv:2412.06464, section
 * 3.3).
 *
 * <pre>
 * L  tokens of a chunk                      S  memory before the chunk, (dk, dv)
 * Q, K  (L, dk)   V  (L, dv)                G_i = g_1 + .. + g_i
 * E_ij = e^(G_i - G_j), 0 above the diagonal
 *
 * (I + A) D = b (V - e^G K S)               A_ij = b_i E_ij (k_i k_j), j below i
 * results   = e^G Q S + (E Q K') D
 * S         = e^G_L S + (e^(G_L - G) K)' D
 * </pre>
 *
 * D are the corrections: what each token adds to the memory under its key. No exponent is above 0.
 * The solution for D needs no more than forward substitution. Results of a token do not depend on
 * the tokens after it in any bit. One thread at a time.
 */
public final class DeltaRule {
  public static final int CHUNK = 64;

  private final float[] keyProducts = new float[CHUNK * CHUNK]; // (L, L)
  private final float[] queryProducts = new float[CHUNK * CHUNK]; // (L, L)
  private final float[] decayed = new float[CHUNK * CHUNK]; // E
  private final float[] weights = new float[CHUNK * CHUNK]; // (L, L)
  private final float[] fromStart = new float[CHUNK]; // e^G
  private final double[] logs = new double[CHUNK]; // G
  private float[] scaled = {}; // (L, dk) or (dk, L)
  private float[] corrections = {}; // (L, dv)
  private float[] memory = {}; // (value heads, dk, dv)

  private DeltaNet net;
  private Inputs inputs;
  private float[] results;
  private int row; // first of the chunk
  private int length; // L
  private int queryAt;
  private int keyAt;

  /**
   * What the rule is applied to.
   *
   * @param x (rows, channels): queries and keys of their final lengths, and values
   * @param strengths b, (rows, value heads)
   * @param decays g, (rows, value heads), none above 0
   */
  public record Inputs(float[] x, float[] strengths, float[] decays) {}

  /** The memory before a sequence: zeros, (value heads, dk, dv). */
  public static float[] memory(DeltaNet operator) {
    int size = Math.multiplyExact(operator.keySize(), operator.valueSize());
    return new float[Math.multiplyExact(operator.valueHeads(), size)];
  }

  /**
   * Begins a sequence, or goes on with one.
   *
   * @param before (value heads, dk, dv): the memory so far, which every piece changes
   */
  public void begin(DeltaNet operator, float[] before) {
    net = operator;
    memory = before;
    scaled = reserve(scaled, CHUNK * net.keySize());
    corrections = reserve(corrections, CHUNK * net.valueSize());
  }

  private static float[] reserve(float[] held, int size) {
    return held.length < size ? new float[size] : held;
  }

  /**
   * Runs over the next piece of the sequence.
   *
   * @param first of its rows
   * @param tokens of them; where more will follow and this is no multiple of {@value #CHUNK}, the
   *     chunks are others than those of the whole, and so are the last bits
   * @param into (rows, value heads, dv); those rows are overwritten
   */
  public void run(Inputs from, int first, int tokens, float[] into) {
    inputs = from;
    results = into;
    int size = net.keySize() * net.valueSize();
    for (int keyHead = 0; keyHead < net.keyHeads(); keyHead++) {
      for (int done = 0; done < tokens; done += CHUNK) {
        multiply(keyHead, first + done, Math.min(CHUNK, tokens - done));
        for (int i = 0; i < net.sharing(); i++) {
          int head = keyHead * net.sharing() + i;
          correct(head, head * size);
        }
      }
    }
  }

  /** K K' and Q K' of a chunk, which value heads share. */
  private void multiply(int keyHead, int firstRow, int tokens) {
    row = firstRow;
    length = tokens;
    int wide = net.channels();
    int size = net.keySize();
    queryAt = row * wide + keyHead * size;
    keyAt = queryAt + net.keyHeads() * size;
    float[] x = inputs.x();
    Gemm.multiplyTransposed(
        length, length, size, x, keyAt, wide, x, keyAt, wide, keyProducts, 0, CHUNK);
    Gemm.multiplyTransposed(
        length, length, size, x, queryAt, wide, x, keyAt, wide, queryProducts, 0, CHUNK);
  }

  private void correct(int head, int memoryAt) {
    decay(head);
    solve(head, memoryAt);
    read(head, memoryAt);
    write(memoryAt);
  }

  /** G, e^G and E. */
  private void decay(int head) {
    double sum = 0;
    for (int i = 0; i < length; i++) {
      sum += inputs.decays()[(row + i) * net.valueHeads() + head];
      logs[i] = sum;
      fromStart[i] = (float) sum;
      // Differences are rounded, not the sums: these may be far larger.
      for (int j = 0; j <= i; j++) {
        decayed[i * CHUNK + j] = (float) (sum - logs[j]);
      }
      Simd.exp(decayed, i * CHUNK, i + 1, 0, 1);
    }
    Simd.exp(fromStart, 0, length, 0, 1);
  }

  /** D. */
  private void solve(int head, int memoryAt) {
    int keys = net.keySize();
    int values = net.valueSize();
    int heads = net.valueHeads();
    int valueAt = 2 * net.keyHeads() * keys + head * values;
    for (int i = 0; i < length; i++) {
      int from = (row + i) * net.channels() + valueAt;
      System.arraycopy(inputs.x(), from, corrections, i * values, values);
    }
    scale(keyAt);
    GemmUpdate.subtract(
        length, values, keys, scaled, 0, keys, memory, memoryAt, values, corrections, 0, values);
    for (int i = 0; i < length; i++) {
      float strength = inputs.strengths()[(row + i) * heads + head];
      for (int c = i * values; c < (i + 1) * values; c++) {
        corrections[c] *= strength;
      }
      int at = i * CHUNK;
      for (int j = 0; j < i; j++) {
        weights[at + j] = strength * decayed[at + j] * keyProducts[at + j];
      }
      LaneSteps.subtractProducts(
          values, i, weights, at, corrections, 0, values, corrections, i * values);
    }
  }

  /** Rows of x from {@code at} on, times e^G. */
  private void scale(int at) {
    int size = net.keySize();
    for (int i = 0; i < length; i++) {
      int from = at + i * net.channels();
      for (int c = 0; c < size; c++) {
        scaled[i * size + c] = inputs.x()[from + c] * fromStart[i];
      }
    }
  }

  /** The results. */
  private void read(int head, int memoryAt) {
    int keys = net.keySize();
    int values = net.valueSize();
    int wide = net.valueHeads() * values;
    int at = row * wide + head * values;
    scale(queryAt);
    Gemm.multiply(
        length, values, keys, scaled, 0, keys, memory, memoryAt, values, results, at, wide);
    for (int i = 0; i < length; i++) {
      int first = i * CHUNK;
      // Negative, as products are subtracted.
      for (int j = first; j <= first + i; j++) {
        weights[j] = -decayed[j] * queryProducts[j];
      }
      Arrays.fill(weights, first + i + 1, first + CHUNK, 0);
    }
    GemmUpdate.subtract(
        length, values, length, weights, 0, CHUNK, corrections, 0, values, results, at, wide);
  }

  /** S behind the chunk. */
  private void write(int memoryAt) {
    int keys = net.keySize();
    int values = net.valueSize();
    float all = fromStart[length - 1];
    for (int i = memoryAt; i < memoryAt + keys * values; i++) {
      memory[i] *= all;
    }
    int last = (length - 1) * CHUNK;
    for (int j = 0; j < length; j++) {
      int from = keyAt + j * net.channels();
      for (int c = 0; c < keys; c++) {
        scaled[c * length + j] = -decayed[last + j] * inputs.x()[from + c];
      }
    }
    GemmUpdate.subtract(
        keys, values, length, scaled, 0, length, corrections, 0, values, memory, memoryAt, values);
  }
}
