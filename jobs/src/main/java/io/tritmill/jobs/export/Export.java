package io.tritmill.jobs.export;

import io.tritmill.jobs.checkpoint.Checkpoint;
import io.tritmill.jobs.failure.BadInputException;
import io.tritmill.jobs.failure.Printable;
import io.tritmill.jobs.run.RunDirectory;
import io.tritmill.jobs.storage.Storage;
import java.util.List;
import java.util.function.Consumer;
import org.apache.hadoop.fs.Path;

/** Writes a run as files that other programs open. */
public final class Export {
  private final Storage storage;
  private final RunDirectory run;
  private final ExportFormat format;

  /**
   * An export of a complete run.
   *
   * @throws BadInputException if there is no such format
   */
  public Export(Storage storage, RunDirectory run, ExportSettings settings) {
    this.storage = storage;
    this.run = run;
    format = ExportFormats.of(settings);
  }

  /**
   * What becomes of one matrix.
   *
   * @param tensor its name in the export
   * @param type what the format calls it
   * @param bytes that it takes
   * @param reason why it is plain, or not smaller; null where there is nothing to tell
   * @param error ||W - W'|| / ||W|| against the weights of the run; 0 without loss
   */
  public record Choice(String tensor, String type, long bytes, String reason, double error) {
    boolean lossy() {
      return error > 0;
    }
  }

  /**
   * Writes it.
   *
   * @param output where nothing is yet
   * @param lossy whether weights may be written that are not those of the run
   * @param choices is told of what becomes of the matrices before anything is written
   * @return what opens it
   * @throws BadInputException if the run is not complete, the format cannot hold it, it would lose
   *     something that is not allowed, or there is something at the output
   */
  public String write(Path output, boolean lossy, Consumer<List<Choice>> choices) {
    PackedRun model = PackedRun.open(storage, run);
    requireEmpty(output);
    SettledExport settled = format.settle(storage, run, model, output);
    choices.accept(settled.choices());
    if (!lossy) {
      requireLossless(settled.choices());
    }
    settled.write();
    return settled.opened();
  }

  /** The format, as {@code --format} has it. */
  String name() {
    return format.name();
  }

  /** Requires that the format can hold a model of the kind. */
  void requireModel(Checkpoint source) {
    format.requireModel(storage, source);
  }

  /** What other programs open, of an export to a folder. */
  Path at(Path folder) {
    return format.opened(folder, run);
  }

  /** A format as a folder is called after it. */
  public String folder() {
    return format.name().replace(':', '-');
  }

  /** Whether it was written there, to the end. */
  public boolean isWhole(Path output) {
    return storage.exists(new Path(output, format.lastFile()));
  }

  /** A path as a command takes it. */
  static String shown(Path path) {
    return "file".equals(path.toUri().getScheme()) ? path.toUri().getPath() : path.toString();
  }

  private void requireEmpty(Path output) {
    if (storage.exists(output)
        && (!storage.status(output).isDirectory() || !storage.list(output).isEmpty())) {
      throw BadInputException.conflict(
          "%s: there is something already, expected a place to write to; give another --output",
          output);
    }
  }

  private void requireLossless(List<Choice> choices) {
    List<Choice> lossy = choices.stream().filter(Choice::lossy).toList();
    if (!lossy.isEmpty()) {
      Choice worst = lossy.getFirst();
      throw BadInputException.unsupported(
          "%s: %d matrices would lose something in %s, the first %s, by a share of %.2e of its"
              + " weights; use a format that holds them, or --allow-lossy",
          run.path(), lossy.size(), format.name(), Printable.of(worst.tensor()), worst.error());
    }
  }
}
