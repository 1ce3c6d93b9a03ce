package io.tritmill.jobs.report;

import java.time.Instant;
import java.util.Optional;

/**
 * The row of {@code runs}.
 *
 * @param run the run
 * @param appId Spark's application
 * @param appVersion version of Tritmill
 * @param gitCommit commit that it was built from; none when unknown
 * @param sparkVersion version of Spark
 * @param javaVersion version of the driver's JDK
 * @param master Spark's master
 * @param status {@code complete}, or what else it ended in
 * @param errorClass class of the failure, if there was one
 * @param startedAt when it began
 * @param finishedAt when it ended
 * @param executors executors that took part
 * @param cores cores of all of them
 * @param nFallback layers that are kept though the recipe asks otherwise
 * @param resumedTensors tensors that an earlier attempt had done
 * @param nParams weights of the model
 * @param bytesIn bytes of all tensors before
 * @param bytesOut bytes of all tensors after
 * @param bitsPerWeight stored bits of a quantized weight, scales and padding counted
 * @param fileBitsPerWeight stored bits of a weight over the whole model, kept tensors counted
 * @param pplBaseline perplexity of the checkpoint; NaN where the run ended before it was evaluated,
 *     as it does today: then {@code eval} and summary.json have it
 * @param ppl perplexity of the run; NaN likewise
 * @param coreSeconds seconds of all tasks together
 * @param bytesRead bytes of tensors that tasks read of the checkpoint since the run was started
 *     last, in all passes over it
 * @param executorPeakRssBytes most memory of an executor's process; none where the operating system
 *     does not tell
 * @param driverPeakRssBytes most memory of the driver's process; none likewise
 */
public record RunMetrics(
    RunKey run,
    String appId,
    String appVersion,
    Optional<String> gitCommit,
    String sparkVersion,
    String javaVersion,
    String master,
    String status,
    Optional<String> errorClass,
    Instant startedAt,
    Instant finishedAt,
    int executors,
    int cores,
    int nFallback,
    int resumedTensors,
    long nParams,
    long bytesIn,
    long bytesOut,
    double bitsPerWeight,
    double fileBitsPerWeight,
    double pplBaseline,
    double ppl,
    double coreSeconds,
    long bytesRead,
    Optional<Long> executorPeakRssBytes,
    Optional<Long> driverPeakRssBytes) {}
