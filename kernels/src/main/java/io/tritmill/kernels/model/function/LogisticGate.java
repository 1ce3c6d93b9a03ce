package io.tritmill.kernels.model.function;

import io.tritmill.kernels.simd.Simd;

/**
 * Stretches of arrays through sigma(z) = 1 / (1 + e^-z). Holds scratch: one thread at a time.
 *
 * <p>Works on copies that begin at 0: only then do compilers vectorize.
 */
public final class LogisticGate {
  private float[] x = {};
  private float[] gate = {};
  private float[] decay = {}; // e^-z

  private void load(float[] z, int at, int count) {
    if (decay.length < count) {
      x = new float[count];
      gate = new float[count];
      decay = new float[count];
    }
    System.arraycopy(z, at, gate, 0, count);
    System.arraycopy(z, at, decay, 0, count);
    Simd.exp(decay, 0, count, 0, -1);
  }

  /** z = z sigma(z), SiLU. */
  public void silu(float[] z, int at, int count) {
    load(z, at, count);
    for (int i = 0; i < count; i++) {
      gate[i] = gate[i] / (1 + decay[i]);
    }
    System.arraycopy(gate, 0, z, at, count);
  }

  /** values = values * sigma(z). */
  public void open(float[] values, int valuesAt, float[] z, int at, int count) {
    load(z, at, count);
    System.arraycopy(values, valuesAt, x, 0, count);
    for (int i = 0; i < count; i++) {
      x[i] = x[i] / (1 + decay[i]);
    }
    System.arraycopy(x, 0, values, valuesAt, count);
  }

  /** values = values * z sigma(z). */
  public void multiplyBySilu(float[] values, int valuesAt, float[] z, int at, int count) {
    load(z, at, count);
    System.arraycopy(values, valuesAt, x, 0, count);
    for (int i = 0; i < count; i++) {
      x[i] = gate[i] / (1 + decay[i]) * x[i];
    }
    System.arraycopy(x, 0, values, valuesAt, count);
  }
}
