package io.tritmill.jobs.gate;

import com.fasterxml.jackson.annotation.JsonIgnore;
import io.tritmill.jobs.storage.MayBeMissing;

/**
 * One number that is asked of a run, and what was found.
 *
 * @param metric name of the number, as {@code summary.json} has it
 * @param asked {@code recipe} or {@code accepted}: who sets the limit
 * @param limit what is allowed at most; null where the two runs cannot be compared, or no run was
 *     accepted yet
 * @param found what the run has; null while it is not measured
 * @param outcome what came of it
 * @param reason a sentence
 */
public record GateCheck(
    String metric,
    String asked,
    @MayBeMissing Double limit,
    @MayBeMissing Double found,
    Outcome outcome,
    String reason) {
  static final String FIRST = "first";

  /** Whether it found no run to compare with. */
  @JsonIgnore
  boolean isFirst() {
    return limit == null && outcome == Outcome.PASSED;
  }
}
