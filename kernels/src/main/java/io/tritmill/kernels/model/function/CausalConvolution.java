package io.tritmill.kernels.model.function;

import java.util.Arrays;

/**
 * A causal convolution of each channel with weights of its own: y_t = sum over j of w_j x_(t - k +
 * 1 + j), zeros before the sequence. A sequence may come in pieces.
 */
public final class CausalConvolution {
  private final int channels;
  private final float[][] taps; // (k)(channels)
  private float[] past; // (k - 1, channels): x before the next piece
  private final float[] row; // (channels)
  private final float[] sum; // (channels)

  /**
   * @param weights w, (channels, k)
   */
  public CausalConvolution(int channels, float[] weights) {
    this.channels = channels;
    int width = weights.length / channels;
    taps = new float[width][channels];
    for (int channel = 0; channel < channels; channel++) {
      for (int j = 0; j < width; j++) {
        taps[j][channel] = weights[channel * width + j];
      }
    }
    row = new float[channels];
    sum = new float[channels];
  }

  /** What lies before a sequence: zeros, (k - 1, channels). */
  public float[] before() {
    return new float[(taps.length - 1) * channels];
  }

  /**
   * Begins a sequence, or goes on with one.
   *
   * @param before (k - 1, channels): what came last; every piece leaves there what it ends with
   */
  public void begin(float[] before) {
    past = before;
  }

  /**
   * Convolves the next piece of the sequence.
   *
   * @param x (rows, channels); the rows of the piece are overwritten
   * @param first row of the piece
   */
  public void apply(float[] x, int first, int length) {
    float[] next = pastOf(x, first, length);
    int before = taps.length - 1;
    // From the end on, so that what is read has not been overwritten.
    for (int t = length - 1; t >= 0; t--) {
      Arrays.fill(sum, 0);
      for (int back = before; back >= 0; back--) {
        if (back <= t) {
          System.arraycopy(x, (first + t - back) * channels, row, 0, channels);
        } else {
          System.arraycopy(past, (before + t - back) * channels, row, 0, channels);
        }
        float[] tap = taps[before - back];
        for (int c = 0; c < channels; c++) {
          sum[c] = Math.fma(tap[c], row[c], sum[c]);
        }
      }
      System.arraycopy(sum, 0, x, (first + t) * channels, channels);
    }
    System.arraycopy(next, 0, past, 0, past.length);
  }

  /** What will be before the piece that follows this one. */
  private float[] pastOf(float[] x, int first, int length) {
    int before = taps.length - 1;
    int kept = Math.max(0, before - length);
    int added = before - kept;
    float[] next = new float[past.length];
    System.arraycopy(past, added * channels, next, 0, kept * channels);
    System.arraycopy(
        x, (first + length - added) * channels, next, kept * channels, added * channels);
    return next;
  }
}
