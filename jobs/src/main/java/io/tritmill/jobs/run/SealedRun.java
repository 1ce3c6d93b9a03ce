package io.tritmill.jobs.run;

import io.tritmill.jobs.failure.BadInputException;
import io.tritmill.jobs.failure.ExitCode;
import io.tritmill.jobs.storage.Storage;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.apache.hadoop.fs.Path;

/**
 * A complete run that somebody decides by, or is about to change.
 *
 * <p>Whoever changes a file writes a manifest that vouches for all of them, so all are held against
 * the manifest before: the model's by their size, since its checksums stay those that are in the
 * manifest, all others by their checksums.
 */
public final class SealedRun {
  private final Storage storage;
  private final RunDirectory run;
  private final Manifest manifest;
  private final RunSummary summary;

  private SealedRun(Storage storage, RunDirectory run, Manifest manifest, RunSummary summary) {
    this.storage = storage;
    this.run = run;
    this.manifest = manifest;
    this.summary = summary;
  }

  /**
   * Holds a run against its manifest. Where a change was cut short, what that change replaces is
   * left out, and the summary is held against what was noted before.
   *
   * @throws BadInputException if anything was changed, is missing or is too much
   */
  public static SealedRun open(Storage storage, RunDirectory run) {
    Manifest manifest = Manifest.readUnsealed(storage, run);
    boolean sealed = storage.exists(run.success());
    List<Manifest.Entry> held = sealed ? manifest.files() : manifest.beforeEvaluation(run);
    Set<String> listed = new HashSet<>();
    held.forEach(entry -> listed.add(entry.path()));
    for (Path file : Manifest.contents(storage, run)) {
      String path = Manifest.relative(run, file);
      if (!listed.contains(path) && (sealed || !Manifest.isOfEvaluation(run, path))) {
        throw changed("%s: is not in the manifest; who put it there?".formatted(file));
      }
    }
    String model = Manifest.relative(run, run.model()) + "/";
    for (Manifest.Entry entry : held) {
      String problem =
          entry.path().startsWith(model)
              ? entry.problemOfSize(storage, run)
              : entry.problem(storage, run);
      if (!problem.isEmpty()) {
        throw changed(problem);
      }
    }
    RunSummary summary = RunSummary.read(storage, run);
    if (!sealed) {
      BrokenSeal.requireSummary(storage, run, summary);
    }
    return new SealedRun(storage, run, manifest, summary);
  }

  private static BadInputException changed(String problem) {
    return new BadInputException(ExitCode.VERIFICATION_FAILED, problem);
  }

  /** The manifest that it was held against. */
  public Manifest manifest() {
    return manifest;
  }

  /** Its summary. */
  public RunSummary summary() {
    return summary;
  }

  /** Takes the mark away, before anything is changed. */
  public void unseal() {
    if (storage.exists(run.success())) {
      Manifest.unseal(storage, run);
    }
  }

  /** Publishes the manifest of a run in which nothing changed but what an evaluation changes. */
  public void seal() {
    Manifest.of(
            storage, run, manifest.model(), manifest.modelSha256(), manifest.beforeEvaluation(run))
        .publish(storage, run);
    storage.delete(run.work());
  }
}
