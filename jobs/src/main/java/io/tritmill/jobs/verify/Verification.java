package io.tritmill.jobs.verify;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.List;

/**
 * What verifying a run found.
 *
 * @param runId name of the run directory
 * @param files files whose size and checksum were compared
 * @param bytes that were read for it
 * @param layers layers whose error was derived again
 * @param problems a sentence for each thing that is not as it should be; empty when all is well
 * @param remarks what could not be checked, and why
 */
public record Verification(
    @JsonProperty("run_id") String runId,
    long files,
    long bytes,
    List<String> layers,
    List<String> problems,
    List<String> remarks) {
  /** Whether nothing is wrong. */
  @JsonProperty("ok")
  public boolean ok() {
    return problems.isEmpty();
  }
}
