package io.tritmill.jobs.gate;

import com.fasterxml.jackson.annotation.JsonProperty;
import io.tritmill.jobs.storage.MayBeMissing;
import java.util.List;
import java.util.stream.Collectors;

/**
 * What a gate says of a run; {@code gate.json} holds it.
 *
 * <p>One failed check is enough to fail, else one open check to leave it open.
 *
 * @param outcome of all checks together
 * @param reason one sentence: why it failed or is open, or {@value #PASSED}
 * @param accepted URI of the accepted run that was compared with; null without one
 * @param tolerance by how much a number may be worse than the accepted run's, as a share of it;
 *     null when nothing was compared
 * @param checks all of them
 */
public record Verdict(
    @JsonProperty("verdict") Outcome outcome,
    String reason,
    @MayBeMissing @JsonProperty("accepted_run") String accepted,
    @MayBeMissing Double tolerance,
    List<GateCheck> checks) {
  /** The reason of a gate that was passed. */
  public static final String PASSED = "passed";

  static Verdict of(String accepted, Double tolerance, List<GateCheck> checks) {
    for (Outcome outcome : List.of(Outcome.FAILED, Outcome.OPEN)) {
      String reasons =
          checks.stream()
              .filter(check -> check.outcome() == outcome)
              .map(GateCheck::reason)
              .collect(Collectors.joining("; "));
      if (!reasons.isEmpty()) {
        return new Verdict(outcome, reasons, accepted, tolerance, checks);
      }
    }
    return new Verdict(Outcome.PASSED, PASSED, accepted, tolerance, checks);
  }
}
