package io.tritmill.jobs.report;

import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * A row of {@code layers}: one tensor, what became of it, and what that cost.
 *
 * @param run whose tensor it is
 * @param tensor what it was
 * @param outcome what became of it
 * @param error what that loses
 * @param trits what the planes look like
 * @param work what it took
 */
public record LayerMetrics(
    RunKey run, Tensor tensor, Outcome outcome, Error error, Trits trits, Work work) {

  /**
   * A tensor of the checkpoint.
   *
   * @param tensorName name in the checkpoint
   * @param ggufName name in GGUF; empty where the family is unknown
   * @param role its part in the model, in lower case; {@code unknown} where the family is
   * @param layerIndex index of its block, if it is in one
   * @param expertIndex index of its expert, if it belongs to one
   * @param shape dimensions, outermost first
   * @param rows product of all dimensions but the last; 1 for a vector
   * @param cols the last dimension
   * @param nParams elements
   * @param dtypeIn element type in the checkpoint
   * @param bytesIn bytes in the checkpoint
   */
  public record Tensor(
      String tensorName,
      String ggufName,
      String role,
      Optional<Integer> layerIndex,
      Optional<Integer> expertIndex,
      List<Long> shape,
      long rows,
      long cols,
      long nParams,
      String dtypeIn,
      long bytesIn) {}

  /**
   * What became of a tensor.
   *
   * @param method names of its stages joined by {@code +}; {@code keep} when it is unchanged
   * @param planes trit-planes; 0 when it is unchanged
   * @param groupSize columns that share a scale, the row's width for wider groups; none when it is
   *     unchanged
   * @param dtypeOut {@code trits} or {@code int4}, or its unchanged element type
   * @param bytesOut bytes in the output, scales and padding counted
   * @param bitsPerWeight 8 bytesOut / nParams
   * @param status {@code ok}, {@code kept}, {@code passed_through} of what is no part of the model
   *     that is run, {@code unread} of what nothing is known of, or {@code fallback}
   * @param fallbackReason why it is not as the recipe asks, if it is not
   * @param sha256 checksum of its bytes in the output, in lower-case hexadecimal
   */
  public record Outcome(
      String method,
      int planes,
      Optional<Integer> groupSize,
      String dtypeOut,
      long bytesOut,
      double bitsPerWeight,
      String status,
      Optional<String> fallbackReason,
      String sha256) {}

  /**
   * What compression loses of W, by the weights and by the outputs of calibration inputs X; NaN, or
   * none, where it was not measured or W, or W X, is zero.
   *
   * @param weightMse mean of (W - W')^2
   * @param weightRelErr ||W - W'|| / ||W||
   * @param weightSqnrDb 10 log10 of ||W||^2 / ||W - W'||^2
   * @param outputMse mean of ((W - W') X)^2
   * @param outputRelErr ||(W - W') X|| / ||W X||
   * @param cosine of the angle between W and W'
   * @param calibTokens tokens of X
   * @param hessianDamp damping that was needed
   * @param deadCols columns that no token of X reached
   * @param outputRelErrHeldOut the relative error of the outputs on tokens set aside
   * @param correction how much of what earlier layers lose the weights were changed to undo, 0 to 1
   */
  public record Error(
      double weightMse,
      double weightRelErr,
      double weightSqnrDb,
      double outputMse,
      double outputRelErr,
      double cosine,
      Optional<Long> calibTokens,
      double hessianDamp,
      Optional<Integer> deadCols,
      double outputRelErrHeldOut,
      double correction) {
    /** Nothing measured. */
    public static final Error NONE =
        new Error(
            Double.NaN,
            Double.NaN,
            Double.NaN,
            Double.NaN,
            Double.NaN,
            Double.NaN,
            Optional.empty(),
            Double.NaN,
            Optional.empty(),
            Double.NaN,
            Double.NaN);

    /** Measured on the weights alone. */
    public static Error ofWeights(double mse, double relative, double sqnrDb, double cosine) {
      return new Error(
          mse,
          relative,
          sqnrDb,
          Double.NaN,
          Double.NaN,
          cosine,
          Optional.empty(),
          Double.NaN,
          Optional.empty(),
          Double.NaN,
          Double.NaN);
    }
  }

  /**
   * What planes look like; NaN and empty lists for a tensor without planes.
   *
   * @param fracNeg share of trits that are -1, over all planes
   * @param fracZero share of trits that are 0, over all planes
   * @param fracPos share of trits that are 1, over all planes
   * @param tritEntropyBits entropy of a trit, of its plane's shares, mean over planes; at most
   *     log2(3)
   * @param scaleMin smallest stored scale
   * @param scaleMean mean of the stored scales
   * @param scaleMax largest stored scale
   * @param planeFracNeg share of -1 in each plane
   * @param planeFracZero share of 0 in each plane
   * @param planeFracPos share of 1 in each plane
   */
  public record Trits(
      double fracNeg,
      double fracZero,
      double fracPos,
      double tritEntropyBits,
      float scaleMin,
      float scaleMean,
      float scaleMax,
      List<Double> planeFracNeg,
      List<Double> planeFracZero,
      List<Double> planeFracPos) {
    private static final double LOG_2 = Math.log(2);

    /** A tensor without planes and scales. */
    public static final Trits NONE = ofScales(Float.NaN, Float.NaN, Float.NaN);

    /** A tensor with scales, but without planes. */
    public static Trits ofScales(float min, float mean, float max) {
      double none = Double.NaN;
      return new Trits(none, none, none, none, min, mean, max, List.of(), List.of(), List.of());
    }

    /**
     * Shares from counts.
     *
     * @param counts plane, then how many trits are -1, 0 and 1
     */
    public static Trits ofCounts(long[][] counts, float scaleMin, float scaleMean, float scaleMax) {
      double[] shares = new double[3];
      double[][] byTrit = new double[3][counts.length];
      double entropy = 0;
      long all = Math.max(1, Arrays.stream(counts).flatMapToLong(Arrays::stream).sum());
      for (int plane = 0; plane < counts.length; plane++) {
        long total = Math.max(1, counts[plane][0] + counts[plane][1] + counts[plane][2]);
        for (int trit = 0; trit < 3; trit++) {
          double share = (double) counts[plane][trit] / total;
          byTrit[trit][plane] = share;
          shares[trit] += (double) counts[plane][trit] / all;
          entropy -= share == 0 ? 0 : share * Math.log(share) / LOG_2 / counts.length;
        }
      }
      return new Trits(
          shares[0],
          shares[1],
          shares[2],
          entropy,
          scaleMin,
          scaleMean,
          scaleMax,
          boxed(byTrit[0]),
          boxed(byTrit[1]),
          boxed(byTrit[2]));
    }

    private static List<Double> boxed(double[] values) {
      return Arrays.stream(values).boxed().toList();
    }
  }

  /**
   * What a tensor took, summed over the tasks that shared it; none of a tensor that is only copied.
   *
   * @param readMs milliseconds spent reading, and rotating where the recipe does
   * @param computeMs milliseconds spent decoding, quantizing, measuring and packing
   * @param writeMs milliseconds spent writing
   * @param peakOffheapBytes most memory that an executor held in buffers outside its heap; none,
   *     since nothing sees all of it: it is a part of executorPeakRssBytes
   * @param vectorBits width of the vectors that the kernels used; 0 for scalar loops
   * @param executorId executor of the last task
   * @param taskAttemptId Spark's identifier of the last task's attempt
   * @param finishedAt when the last task ended
   * @param executorPeakRssBytes most memory that an executor's process had had by the end of one of
   *     the tasks; none where the operating system does not tell
   */
  public record Work(
      Optional<Long> readMs,
      Optional<Long> computeMs,
      Optional<Long> writeMs,
      Optional<Long> peakOffheapBytes,
      Optional<Integer> vectorBits,
      Optional<String> executorId,
      Optional<Long> taskAttemptId,
      Optional<Instant> finishedAt,
      Optional<Long> executorPeakRssBytes) {
    /** No task worked on it. */
    public static final Work NONE =
        new Work(
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty());

    /** Milliseconds of all three. */
    public long millis() {
      return readMs.orElse(0L) + computeMs.orElse(0L) + writeMs.orElse(0L);
    }
  }
}
