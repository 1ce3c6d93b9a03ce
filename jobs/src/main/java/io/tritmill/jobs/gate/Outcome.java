package io.tritmill.jobs.gate;

import com.fasterxml.jackson.annotation.JsonProperty;

/** What came of a check, or of all checks of a gate together. */
public enum Outcome {
  /** What was found keeps the limit. */
  @JsonProperty("passed")
  PASSED,
  /** What was found does not, or cannot be compared. */
  @JsonProperty("failed")
  FAILED,
  /** Nothing was measured yet that could decide it. */
  @JsonProperty("open")
  OPEN
}
