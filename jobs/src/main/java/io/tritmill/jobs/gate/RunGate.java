package io.tritmill.jobs.gate;

import com.fasterxml.jackson.core.type.TypeReference;
import io.tritmill.jobs.failure.BadInputException;
import io.tritmill.jobs.recipe.Recipe;
import io.tritmill.jobs.recipe.RecipeParser;
import io.tritmill.jobs.run.Place;
import io.tritmill.jobs.run.RunDirectory;
import io.tritmill.jobs.run.RunLock;
import io.tritmill.jobs.run.RunSummary;
import io.tritmill.jobs.run.SealedRun;
import io.tritmill.jobs.storage.Json;
import io.tritmill.jobs.storage.Storage;
import java.util.Arrays;
import java.util.Optional;

/**
 * The gate of one run: decides from its summary, and writes the verdict into {@code gate.json} and,
 * as a sentence, into the summary.
 */
public final class RunGate {
  private static final int MAX_DOCUMENT = 1 << 20;

  private final Storage storage;
  private final RunDirectory run;
  private final Optional<AcceptedRun> accepted;

  /**
   * A gate.
   *
   * @param accepted what the run is compared with, beside the limits of its recipe
   */
  public RunGate(Storage storage, RunDirectory run, Optional<AcceptedRun> accepted) {
    this.storage = storage;
    this.run = run;
    this.accepted = accepted;
  }

  /**
   * Decides and writes, in a run whose manifest is still to be published.
   *
   * @return empty when nothing is asked of the run
   */
  public Optional<Verdict> enter(RunSummary summary, Recipe recipe) {
    Optional<Verdict> verdict = Gate.decide(summary, recipe.gate(), accepted);
    storage.publish(
        run.summary(), Json.document(summary.withGate(verdict.map(Verdict::reason).orElse(null))));
    verdict.ifPresentOrElse(
        found -> storage.publish(run.gate(), Json.document(found)),
        () -> storage.delete(run.gate()));
    return verdict;
  }

  /**
   * Decides in a complete run, and writes nothing.
   *
   * @return empty when nothing is asked of the run
   * @throws BadInputException if the run is not complete, or was changed since it was
   */
  public Optional<Verdict> decide() {
    Place.requireComplete(storage, run);
    return decide(SealedRun.open(storage, run));
  }

  private Optional<Verdict> decide(SealedRun sealed) {
    return Gate.decide(sealed.summary(), recipe().gate(), accepted);
  }

  /**
   * Decides again in a complete run, and writes only what changed.
   *
   * @param application what the run's lock calls the writer
   * @throws BadInputException if the run is not complete, or was changed since it was
   */
  public void renew(String application) {
    if (isWritten(decide())) {
      return;
    }
    try (RunLock lock = RunLock.acquire(storage, run, application, System.err::println)) {
      // Whoever held the lock before may have changed what was decided by.
      SealedRun sealed = SealedRun.open(storage, run);
      sealed.unseal();
      enter(sealed.summary(), recipe());
      lock.require();
      sealed.seal();
    }
  }

  /** The verdict that stands in a run directory; empty when nothing was asked of the run. */
  public static Optional<Verdict> read(Storage storage, RunDirectory run) {
    return storage.exists(run.gate())
        ? Optional.of(
            Json.read(
                run.gate().toString(),
                storage.read(run.gate(), MAX_DOCUMENT),
                new TypeReference<Verdict>() {}))
        : Optional.empty();
  }

  /** The recipe that stands in the run directory. */
  public Recipe recipe() {
    return RecipeParser.parse(run.recipe().toString(), storage.read(run.recipe(), MAX_DOCUMENT));
  }

  private boolean isWritten(Optional<Verdict> verdict) {
    if (verdict.isEmpty()) {
      return !storage.exists(run.gate());
    }
    return storage.exists(run.gate())
        && Arrays.equals(
            storage.read(run.gate(), MAX_DOCUMENT), Json.document(verdict.orElseThrow()));
  }
}
