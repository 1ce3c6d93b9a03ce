package io.tritmill.kernels.model.loss;

import io.tritmill.kernels.model.FeedForward;
import io.tritmill.kernels.model.Site;
import io.tritmill.kernels.model.forward.Taps;
import io.tritmill.kernels.simd.Simd;

/**
 * Shows how errors of gate and up pass to the input of down, for tokens of a chunk, while the
 * full-precision block runs: with h = SiLU(gate) * up,
 *
 * <pre>
 * a = dh / d up   = SiLU(gate)             SiLU(z)  = z sigma(z)
 * b = dh / d gate = up * SiLU'(gate)       SiLU'(z) = sigma(z) (1 + z (1 - sigma(z)))
 * </pre>
 *
 * of whose sums a a' and b b' {@link ModuleMetrics#feedForward} makes the metrics.
 *
 * <p>Both sums together cost 2 intermediate^2 operations a token, three quarters of the forward
 * pass, so only one token in {@value #STRIDE} is used, by its number in the chunk: below a fifth.
 * Not for several threads.
 */
public final class FeedForwardCurvature implements Taps {
  /** One token in so many is used. */
  public static final int STRIDE = 4;

  private final int intermediate;
  private final int stride;
  private final Rows rows;
  private final float[] row; // (intermediate): e^-gate of a row
  private float[] byUp = {}; // (tokens used, intermediate): a
  private float[] byGate = {}; // (tokens used, intermediate): b
  private long tokens;

  /** Takes derivatives of some tokens, in their order. */
  @FunctionalInterface
  public interface Rows {
    /**
     * @param byGate b, (count, intermediate) and perhaps more; used again after the call
     * @param byUp a, likewise
     */
    void take(int count, float[] byGate, float[] byUp);
  }

  /** Begins a chunk. */
  public FeedForwardCurvature(FeedForward module, Rows rows) {
    this(module, STRIDE, rows);
  }

  FeedForwardCurvature(FeedForward module, int stride, Rows rows) {
    intermediate = module.width();
    this.stride = stride;
    this.rows = rows;
    row = new float[intermediate];
  }

  /** How many tokens of a chunk of so many are used. */
  public static long sampled(long tokens) {
    return (tokens + STRIDE - 1 - STRIDE / 2) / STRIDE;
  }

  @Override
  public void see(Site site, int count, int columns, float[] inputs) {}

  @Override
  public void seeGates(int count, int columns, float[] gate, float[] up) {
    int room = (count / stride + 1) * intermediate;
    if (byUp.length < room) {
      byUp = new float[room];
      byGate = new float[room];
    }
    int used = 0;
    for (int t = 0; t < count; t++) {
      if ((tokens + t) % stride == stride / 2) {
        differentiate(t * intermediate, gate, up, used * intermediate);
        used++;
      }
    }
    rows.take(used, byGate, byUp);
    tokens += count;
  }

  private void differentiate(int from, float[] gate, float[] up, int at) {
    System.arraycopy(gate, from, row, 0, intermediate);
    Simd.exp(row, 0, intermediate, 0, -1);
    for (int i = 0; i < intermediate; i++) {
      float z = gate[from + i];
      float sigma = 1 / (1 + row[i]);
      byUp[at + i] = z * sigma;
      byGate[at + i] = up[from + i] * sigma * (1 + z * (1 - sigma));
    }
  }
}
