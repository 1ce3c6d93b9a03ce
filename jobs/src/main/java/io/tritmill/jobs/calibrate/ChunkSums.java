package io.tritmill.jobs.calibrate;

import io.tritmill.kernels.linalg.CrossGram;
import io.tritmill.kernels.linalg.Gram;
import io.tritmill.kernels.linalg.GramAccumulator;
import io.tritmill.kernels.quantize.Need;
import java.io.IOException;
import java.io.OutputStream;
import java.util.Arrays;
import java.util.List;

/**
 * Sums of one chunk at one site, gathered while the chunk's tokens pass by.
 *
 * <p>The clean inputs of all tokens come first where a sum needs both, then those of the compressed
 * model, a few at a time.
 */
final class ChunkSums {
  private final List<Sum> sums;
  private final int columns;
  private final GramAccumulator gram;
  private final CrossGram inputError;
  private final CrossGram residualError;
  private final float[] clean; // (tokens, columns)
  private final float[] residual; // (tokens, hidden)
  private final int hidden;
  private final float[] weights; // (tokens); null where all count alike
  private int cleanTokens;
  private int tokens;

  /**
   * @param sums of one site, those of this chunk: one Gram matrix, and what else is needed
   * @param tokens of the chunk
   * @param residual (tokens, hidden): the clean residual stream less the compressed one
   * @param weights of the tokens; null where all count alike
   */
  ChunkSums(List<Sum> sums, int tokens, float[] residual, float[] weights) {
    this.weights = weights;
    this.sums = sums;
    this.residual = residual;
    hidden = residual.length / tokens;
    columns = sums.getFirst().columns();
    gram = new GramAccumulator(columns);
    inputError = cross(Need.INPUT_ERROR);
    residualError = cross(Need.RESIDUAL_ERROR);
    clean = new float[inputError == null ? 0 : Math.multiplyExact(tokens, columns)];
  }

  private CrossGram cross(Need need) {
    return sums.stream()
        .filter(sum -> sum.need() == need)
        .findFirst()
        .map(sum -> new CrossGram(sum.rows(), sum.columns()))
        .orElse(null);
  }

  /** Whether the clean inputs are asked for. */
  boolean comparesInputs() {
    return inputError != null;
  }

  /** Takes inputs of the full-precision model, where they are asked for. */
  void seeClean(int count, float[] inputs) {
    if (inputError == null) {
      return;
    }
    System.arraycopy(inputs, 0, clean, cleanTokens * columns, count * columns);
    cleanTokens += count;
  }

  /** Takes inputs of the compressed model, whose clean counterparts were seen. */
  void see(int count, float[] inputs) {
    float[] own = weights == null ? null : Arrays.copyOfRange(weights, tokens, tokens + count);
    if (own == null) {
      gram.add(count, inputs);
    } else {
      gram.add(count, inputs, own);
    }
    if (inputError != null) {
      float[] error = new float[count * columns];
      for (int i = 0; i < error.length; i++) {
        error[i] = clean[tokens * columns + i] - inputs[i];
      }
      add(inputError, count, error, inputs, own);
    }
    if (residualError != null) {
      float[] error = new float[count * hidden];
      System.arraycopy(residual, tokens * hidden, error, 0, error.length);
      add(residualError, count, error, inputs, own);
    }
    tokens += count;
  }

  private static void add(CrossGram sum, int count, float[] x, float[] y, float[] weights) {
    if (weights == null) {
      sum.add(count, x, y);
    } else {
      sum.add(count, x, y, weights);
    }
  }

  /**
   * Writes all strips of all sums, in order.
   *
   * @return the first input in which a NaN or an infinity was met, or -1
   */
  int write(OutputStream out) throws IOException {
    Gram finished = gram.finish();
    for (Sum sum : sums) {
      for (int s = 0; s < sum.strips(); s++) {
        double[] values =
            switch (sum.need()) {
              case GRAM -> finished.strip(s).values();
              case INPUT_ERROR -> inputError.strip(s).values();
              case RESIDUAL_ERROR -> residualError.strip(s).values();
              case HELD_OUT, OUTPUT_METRIC, TOKEN_WEIGHTS ->
                  throw new IllegalStateException(sum.need() + " is no sum over inputs");
            };
        NumberFiles.write(out, values);
      }
    }
    return finished.firstNonFiniteColumn();
  }
}
