package io.tritmill.jobs.export;

import io.tritmill.jobs.failure.BadInputException;
import io.tritmill.jobs.failure.Printable;
import io.tritmill.jobs.run.RunDirectory;
import io.tritmill.jobs.storage.Storage;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.apache.hadoop.fs.Path;

/** Writes a run as a folder that other programs open. */
public final class Export {
  private final Storage storage;
  private final RunDirectory run;
  private final CheckpointFormat format;

  /**
   * An export of a complete run.
   *
   * @param format as {@code --format} names it
   * @throws BadInputException if there is no such format
   */
  public Export(Storage storage, RunDirectory run, String format) {
    this.storage = storage;
    this.run = run;
    this.format = CheckpointFormat.of(format);
  }

  /**
   * What becomes of one matrix.
   *
   * @param tensor its name
   * @param type what the format calls it
   * @param bytes that it takes
   * @param reason why it is plain, or not smaller; null where there is nothing to tell
   * @param error ||W - W'|| / ||W|| against the weights of the run; 0 without loss
   */
  public record Choice(String tensor, String type, long bytes, String reason, double error) {}

  /**
   * Writes it.
   *
   * @param output folder, which is not there yet or is empty
   * @param lossy whether weights may be written that are not those of the run
   * @param choices is told of what becomes of the matrices before anything is written
   * @return what opens it
   * @throws BadInputException if the run is not complete, the format cannot hold it, it would lose
   *     something that is not allowed, or there is something at the output
   */
  public String write(Path output, boolean lossy, Consumer<List<Choice>> choices) {
    PackedRun model = PackedRun.open(storage, run);
    requireEmpty(output);
    List<Held> held = format.hold(model.all());
    choices.accept(held.stream().map(Export::choice).toList());
    if (!lossy) {
      requireLossless(held);
    }
    Optional<Map<String, Object>> quantization = format.quantization(held);
    new ExportFolder(storage, model, held, output).write(quantization, card(output));
    boolean local = "file".equals(output.toUri().getScheme());
    return format.opened().formatted(local ? output.toUri().getPath() : output);
  }

  private String card(Path output) {
    return ModelCard.of(storage, run, format.name(), format.opened().formatted(output.getName()));
  }

  private static Choice choice(Held held) {
    return new Choice(held.layer().name(), held.type(), held.bytes(), held.reason(), held.error());
  }

  private void requireEmpty(Path output) {
    if (storage.exists(output)
        && (!storage.status(output).isDirectory() || !storage.list(output).isEmpty())) {
      throw BadInputException.conflict(
          "%s: there is something already, expected a folder to make; give another --output",
          output);
    }
  }

  private void requireLossless(List<Held> held) {
    List<Held> lossy = held.stream().filter(Held::lossy).toList();
    if (!lossy.isEmpty()) {
      Held worst = lossy.getFirst();
      throw BadInputException.unsupported(
          "%s: %d matrices would lose something in %s, the first %s, by a share of %.2e of its"
              + " weights; use a format that holds them, or --allow-lossy",
          run.path(),
          lossy.size(),
          format.name(),
          Printable.of(worst.layer().name()),
          worst.error());
    }
  }
}
