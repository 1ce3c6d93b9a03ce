package io.tritmill.kernels.model.forward;

import java.util.Arrays;

/**
 * A causal convolution of each channel with weights of its own: y_t = sum over j of w_j x_(t - k +
 * 1 + j), zeros before the sequence.
 */
final class CausalConvolution {
  private final int channels;
  private final float[][] taps; // (k)(channels)
  private final float[] row; // (channels)
  private final float[] sum; // (channels)

  /**
   * @param weights w, (channels, k)
   */
  CausalConvolution(int channels, float[] weights) {
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

  /**
   * Convolves a sequence.
   *
   * @param x (rows, channels); the rows of the sequence are overwritten
   * @param first row of the sequence
   */
  void apply(float[] x, int first, int length) {
    // From the end on, so that what is read has not been overwritten.
    for (int t = length - 1; t >= 0; t--) {
      Arrays.fill(sum, 0);
      for (int back = Math.min(t, taps.length - 1); back >= 0; back--) {
        System.arraycopy(x, (first + t - back) * channels, row, 0, channels);
        float[] tap = taps[taps.length - 1 - back];
        for (int c = 0; c < channels; c++) {
          sum[c] = Math.fma(tap[c], row[c], sum[c]);
        }
      }
      System.arraycopy(sum, 0, x, (first + t) * channels, channels);
    }
  }
}
