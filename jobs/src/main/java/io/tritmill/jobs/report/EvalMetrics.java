package io.tritmill.jobs.report;

import java.util.Optional;

/**
 * A row of {@code eval}: one number that says how good a model is, and on what.
 *
 * @param run whose model it is
 * @param variant {@code baseline}, {@code compressed} or {@code gguf}
 * @param task what the model had to do, {@code perplexity} for one
 * @param taskVersion version of the task's definition
 * @param protocol how texts became sequences
 * @param datasetFingerprint digest of the texts
 * @param split part of the data set; empty when it has none
 * @param filter what was done to the model's answers; {@code none} mostly
 * @param metric name of the number
 * @param bosPolicy where BOS was put
 * @param higherIsBetter whether more of it is good
 * @param value the number
 * @param stderr its standard error; NaN when unknown
 * @param baselineValue the same of the baseline; NaN when it was not measured
 * @param delta value - baselineValue; NaN when it was not measured
 * @param deltaPct 100 delta / baselineValue; NaN when it was not measured
 * @param nShot examples given before each question; none where nothing is asked
 * @param seqLen most tokens of a sequence
 * @param nSamples sequences or questions
 * @param nTokens predicted tokens
 * @param seed of what was random; none where nothing was
 * @param wallMs milliseconds
 */
public record EvalMetrics(
    RunKey run,
    String variant,
    String task,
    String taskVersion,
    String protocol,
    String datasetFingerprint,
    String split,
    String filter,
    String metric,
    String bosPolicy,
    boolean higherIsBetter,
    double value,
    double stderr,
    double baselineValue,
    double delta,
    double deltaPct,
    Optional<Integer> nShot,
    int seqLen,
    long nSamples,
    long nTokens,
    Optional<Long> seed,
    long wallMs) {}
