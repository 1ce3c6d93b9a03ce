package io.tritmill.jobs.export;

import io.tritmill.jobs.run.RunDirectory;
import io.tritmill.jobs.storage.Storage;
import java.util.List;
import org.apache.hadoop.fs.Path;

/** An export to a folder in the layout of Hugging Face. */
final class CheckpointExport implements SettledExport {
  private final Storage storage;
  private final RunDirectory run;
  private final PackedRun model;
  private final CheckpointFormat format;
  private final Path output;
  private final List<Held> held;

  CheckpointExport(
      Storage storage, RunDirectory run, PackedRun model, CheckpointFormat format, Path output) {
    this.storage = storage;
    this.run = run;
    this.model = model;
    this.format = format;
    this.output = output;
    if (!format.roundsInputs()) {
      model.requireExactInputs(format.name());
    }
    model.requireNoStacks();
    if (format.ofEveryModule()) {
      model.requireEveryModule(format.name());
    }
    held = format.hold(model.all());
  }

  @Override
  public List<Export.Choice> choices() {
    return held.stream()
        .map(
            one ->
                new Export.Choice(
                    one.layer().name(), one.type(), one.bytes(), one.reason(), one.error()))
        .toList();
  }

  @Override
  public void write() {
    String command = format.opened().formatted(output.getName());
    String card = ModelCard.of(storage, run, format.name(), command);
    new ExportFolder(storage, model, held, output).write(format.quantization(held), card);
  }

  @Override
  public String opened() {
    return format.opened().formatted(Export.shown(output));
  }
}
