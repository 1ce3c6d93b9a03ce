package io.tritmill.jobs.export;

import io.tritmill.jobs.checkpoint.Checkpoint;
import io.tritmill.jobs.failure.BadInputException;
import io.tritmill.jobs.recipe.Recipe;
import io.tritmill.jobs.run.RunDirectory;
import io.tritmill.jobs.storage.Storage;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import org.apache.hadoop.fs.Path;

/** What a run is written as besides, each in a folder of its own below the run's. */
public final class RunExports {
  private final Storage storage;
  private final RunDirectory run;
  private final List<Export> exports = new ArrayList<>();

  /**
   * Those of a recipe, and some more.
   *
   * @param more as {@code --format} names them
   * @throws BadInputException if there is no such format, before any work is done
   */
  public RunExports(Storage storage, RunDirectory run, Recipe recipe, List<String> more) {
    this.storage = storage;
    this.run = run;
    for (Recipe.Export one : recipe.exports()) {
      exports.add(
          new Export(storage, run, new ExportSettings(one.name(), table(one), Long.MAX_VALUE)));
    }
    more.forEach(name -> exports.add(new Export(storage, run, ExportSettings.of(name))));
    if (!more.isEmpty() && !recipe.transforms().isEmpty()) {
      throw BadInputException.unsupported(
          "recipe %s rotates the model, which no other program undoes, but --export is %s; use a"
              + " recipe without transforms",
          recipe.name(), more.getFirst());
    }
  }

  private static String table(Recipe.Export export) {
    return export.tableType().equals("auto") ? null : export.tableType();
  }

  /**
   * Requires that all formats can hold a model of the kind, so that no work is done in vain.
   *
   * @param source what the run is to be made of
   * @throws BadInputException if one cannot
   */
  public void requireModel(Checkpoint source) {
    exports.forEach(export -> export.requireModel(source));
  }

  /**
   * The folder or the file that one of them is.
   *
   * @param name as {@code --format} has it
   */
  public Path at(String name) {
    Export export =
        exports.stream().filter(one -> one.name().equals(name)).findFirst().orElseThrow();
    return export.at(new Path(run.exports(), export.folder()));
  }

  /**
   * Writes those that are not there yet, without loss.
   *
   * @param told what was written
   * @throws BadInputException if a format cannot hold the run
   */
  public void write(PrintStream told) {
    for (Export export : exports) {
      Path folder = new Path(run.exports(), export.folder());
      if (export.isWhole(folder)) {
        told.println(folder + ": is written already");
        continue;
      }
      storage.delete(folder);
      told.println("exported: " + export.write(folder, false, choices -> {}));
    }
  }
}
