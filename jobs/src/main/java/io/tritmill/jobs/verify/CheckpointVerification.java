package io.tritmill.jobs.verify;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.List;

/**
 * What verifying a checkpoint found.
 *
 * @param model where it lies
 * @param files files that hold weights
 * @param tensors tensors that were read, those that are scales of others not counted
 * @param bytes stored bytes of them
 * @param problems a sentence for each tensor that is not as it should be, in the order of the
 *     tensors; empty when all is well
 */
public record CheckpointVerification(
    String model, int files, int tensors, long bytes, List<String> problems) {
  public CheckpointVerification {
    problems = List.copyOf(problems);
  }

  /** The verdict in one sentence. */
  @JsonProperty("verdict")
  public String verdict() {
    return problems.isEmpty()
        ? "verified: %,d tensors, %,d bytes in %,d files".formatted(tensors, bytes, files)
        : "%d problems".formatted(problems.size());
  }
}
