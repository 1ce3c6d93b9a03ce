package io.tritmill.jobs.run;

import com.fasterxml.jackson.core.type.TypeReference;
import io.tritmill.jobs.failure.BadInputException;
import io.tritmill.jobs.storage.Json;
import io.tritmill.jobs.storage.Storage;
import java.util.Map;

/** What stands in an output directory before a run. */
public enum RunState {
  /** Nothing: the run begins. */
  NEW,
  /** An unfinished run of the same recipe on the same model. */
  UNFINISHED,
  /** A complete run of the same recipe on the same model. */
  COMPLETE;

  private static final int MAX_PLAN = 1 << 28;

  /**
   * Looks at an output directory.
   *
   * @throws BadInputException if something else stands there
   */
  public static RunState of(
      Storage storage,
      RunDirectory run,
      String recipeSha256,
      String modelSha256,
      String calibration) {
    if (!storage.exists(run.path())) {
      return NEW;
    }
    if (!storage.status(run.path()).isDirectory()) {
      throw BadInputException.conflict(
          "%s: is a file, expected a directory for the run or a new name", run.path());
    }
    if (!storage.exists(run.plan())) {
      // Hidden files may be what a killed attempt was writing; a lock comes before the plan.
      if (storage.list(run.path()).stream()
          .map(status -> status.getPath().getName())
          .allMatch(name -> name.startsWith(".") || name.equals(run.lock().getName()))) {
        return NEW;
      }
      throw BadInputException.conflict(
          "%s: holds files but no run of Tritmill; choose an empty or new --output", run.path());
    }
    Map<String, Object> plan =
        Json.read(
            run.plan().toString(), storage.read(run.plan(), MAX_PLAN), new TypeReference<>() {});
    requireSame(run, "recipe", recipeSha256, plan.get("recipe_sha256"), plan.get("recipe"));
    requireSame(run, "model", modelSha256, plan.get("model_sha256"), plan.get("model"));
    Object calibrated = plan.getOrDefault("calibration", "");
    requireSame(run, "calibration set", calibration, calibrated, calibrated);
    return storage.exists(run.success()) ? COMPLETE : UNFINISHED;
  }

  private static void requireSame(
      RunDirectory run, String what, String expected, Object found, Object name) {
    if (!expected.equals(found)) {
      throw BadInputException.conflict(
          "%s: holds a run of another %s (%s), or of one changed since; choose another --output, or"
              + " remove the directory",
          run.path(), what, name);
    }
  }
}
