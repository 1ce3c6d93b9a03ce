package io.tritmill.jobs.run;

import com.fasterxml.jackson.core.type.TypeReference;
import io.tritmill.jobs.failure.BadInputException;
import io.tritmill.jobs.failure.ExitCode;
import io.tritmill.jobs.storage.Checksums;
import io.tritmill.jobs.storage.Json;
import io.tritmill.jobs.storage.MayBeMissing;
import io.tritmill.jobs.storage.Storage;
import java.util.ArrayList;
import java.util.List;

/**
 * What still vouches for a complete run while its {@code _SUCCESS} is away; it lies in {@code
 * _work}.
 *
 * @param manifests checksums of the manifests that may stand there: the one before and, from the
 *     moment that it is written, the one after
 * @param summary checksum of the summary without what an evaluation or a gate enters; null where a
 *     run has none
 */
record BrokenSeal(List<String> manifests, @MayBeMissing String summary) {
  private static final int MAX_BYTES = 1 << 20;

  /** Takes the mark away, having noted what it vouched for. */
  static void open(Storage storage, RunDirectory run, byte[] manifest) {
    note(storage, run, List.of(Checksums.sha256(manifest)));
    storage.delete(run.success());
  }

  /** Notes that this manifest is about to be written. */
  static void expect(Storage storage, RunDirectory run, byte[] manifest) {
    List<String> manifests = new ArrayList<>();
    if (storage.exists(run.brokenSeal())) {
      manifests.addAll(read(storage, run).manifests());
    }
    manifests.add(Checksums.sha256(manifest));
    note(storage, run, manifests);
  }

  private static void note(Storage storage, RunDirectory run, List<String> manifests) {
    String summary = storage.exists(run.summary()) ? checksum(RunSummary.read(storage, run)) : null;
    storage.publish(run.brokenSeal(), Json.document(new BrokenSeal(manifests, summary)));
  }

  /** Holds a manifest against what was noted; releases before this one noted nothing. */
  static void requireManifest(Storage storage, RunDirectory run, byte[] manifest) {
    if (storage.exists(run.brokenSeal())
        && !read(storage, run).manifests().contains(Checksums.sha256(manifest))) {
      throw new BadInputException(
          ExitCode.VERIFICATION_FAILED,
          "%s: is not the manifest that was there when the run was last complete; it was changed"
              .formatted(run.manifest()));
    }
  }

  /** Holds a summary against what was noted. */
  static void requireSummary(Storage storage, RunDirectory run, RunSummary summary) {
    if (!storage.exists(run.brokenSeal())) {
      return;
    }
    String noted = read(storage, run).summary();
    if (noted != null && !noted.equals(checksum(summary))) {
      throw new BadInputException(
          ExitCode.VERIFICATION_FAILED,
          "%s: has other numbers than when the run was last complete; it was changed"
              .formatted(run.summary()));
    }
  }

  private static BrokenSeal read(Storage storage, RunDirectory run) {
    return Json.read(
        run.brokenSeal().toString(),
        storage.read(run.brokenSeal(), MAX_BYTES),
        new TypeReference<BrokenSeal>() {});
  }

  private static String checksum(RunSummary summary) {
    return Checksums.sha256(Json.document(summary.withoutEvaluation()));
  }
}
