package io.tritmill.jobs.verify;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.List;
import java.util.Locale;
import java.util.Objects;

/**
 * What verifying a run found.
 *
 * @param runId name of the run directory
 * @param files files whose size and checksum were compared
 * @param bytes that were read for it
 * @param layers layers whose error was derived again
 * @param derived the same layers with what the report says and what came of deriving it
 * @param packed layers that the run has
 * @param problems a sentence for each thing that is not as it should be; empty when all is well
 * @param remarks what could not be checked, and why
 */
public record Verification(
    @JsonProperty("run_id") String runId,
    long files,
    long bytes,
    List<String> layers,
    List<DerivedLayer> derived,
    int packed,
    List<String> problems,
    List<String> remarks) {
  /**
   * A layer whose error was derived again.
   *
   * @param tensor name of its weight
   * @param reported its relative error by the report; null where that has none
   * @param again its relative error by the packed bytes; null where all weights are zero
   */
  public record DerivedLayer(
      String tensor, Double reported, @JsonProperty("derived") Double again) {
    static DerivedLayer of(String tensor, Double reported, double again) {
      return new DerivedLayer(tensor, reported, Double.isNaN(again) ? null : again);
    }

    /** How far the two lie apart; null where one is missing. */
    @JsonProperty("difference")
    public Double difference() {
      return reported == null || again == null ? null : Math.abs(reported - again);
    }

    /** The layer in one sentence. */
    public String inWords() {
      return "relative error %s, the report says %s".formatted(shown(again), shown(reported));
    }
  }

  /** An error for people. */
  static String shown(Double error) {
    return error == null ? "none" : String.format(Locale.ROOT, "%.9f", error);
  }

  /** The verdict in one sentence. */
  @JsonProperty("verdict")
  public String verdict() {
    if (!ok()) {
      return String.format(
          Locale.ROOT,
          "not verified: %d %s",
          problems.size(),
          problems.size() == 1 ? "problem" : "problems");
    }
    String files = String.format(Locale.ROOT, "verified: %d files, %,d bytes", this.files, bytes);
    if (derived.isEmpty()) {
      return files + ", checksums agree; no error of a layer was derived again";
    }
    double largest =
        derived.stream()
            .map(DerivedLayer::difference)
            .filter(Objects::nonNull)
            .mapToDouble(Double::doubleValue)
            .max()
            .orElse(0);
    return String.format(
        Locale.ROOT,
        "%s, checksums agree; errors of %d of %d layers derived again, at most %.1e from the report",
        files,
        derived.size(),
        packed,
        largest);
  }

  /** Whether nothing is wrong. */
  @JsonProperty("ok")
  public boolean ok() {
    return problems.isEmpty();
  }
}
