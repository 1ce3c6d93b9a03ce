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
 * @param reason one sentence: why it failed or is open, that there was no run to compare with, or
 *     {@value #PASSED}
 * @param accepted URI of the accepted run that was compared with; null without one
 * @param tolerance by how much a number may be worse than the accepted run's, as a share of it;
 *     null when nothing was compared
 * @param basis what was asked: {@code recipe} for limits of the recipe, {@code accepted} for a
 *     comparison, {@code first} where no run was accepted yet; empty when nothing is asked
 * @param checks all of them
 */
public record Verdict(
    @JsonProperty("verdict") Outcome outcome,
    String reason,
    @MayBeMissing @JsonProperty("accepted_run") String accepted,
    @MayBeMissing Double tolerance,
    @MayBeMissing List<String> basis,
    List<GateCheck> checks) {
  /** The reason of a gate that was passed. */
  public static final String PASSED = "passed";

  private static final String NOTHING_ASKED =
      "nothing is asked of this run: its recipe has no gate, and no accepted run was named";

  /** Of a run of which nothing is asked. */
  public static Verdict nothingAsked() {
    return new Verdict(Outcome.PASSED, NOTHING_ASKED, null, null, List.of(), List.of());
  }

  static Verdict of(String accepted, Double tolerance, List<GateCheck> checks) {
    List<String> basis =
        checks.stream()
            .map(check -> check.isFirst() ? GateCheck.FIRST : check.asked())
            .distinct()
            .toList();
    for (Outcome outcome : List.of(Outcome.FAILED, Outcome.OPEN)) {
      String reasons =
          checks.stream()
              .filter(check -> check.outcome() == outcome)
              .map(GateCheck::reason)
              .collect(Collectors.joining("; "));
      if (!reasons.isEmpty()) {
        return new Verdict(outcome, reasons, accepted, tolerance, basis, checks);
      }
    }
    String passed =
        checks.stream()
            .filter(GateCheck::isFirst)
            .map(GateCheck::reason)
            .findFirst()
            .orElse(PASSED);
    return new Verdict(Outcome.PASSED, passed, accepted, tolerance, basis, checks);
  }
}
