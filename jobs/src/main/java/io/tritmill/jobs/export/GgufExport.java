package io.tritmill.jobs.export;

import io.tritmill.jobs.failure.BadInputException;
import io.tritmill.jobs.failure.Printable;
import io.tritmill.jobs.gguf.GgufArray;
import io.tritmill.jobs.gguf.GgufTensor;
import io.tritmill.jobs.gguf.GgufType;
import io.tritmill.jobs.gguf.GgufWriter;
import io.tritmill.jobs.gguf.StoredCard;
import io.tritmill.jobs.gguf.TensorNumbers;
import io.tritmill.jobs.gguf.architecture.StoredModel;
import io.tritmill.jobs.run.RunDirectory;
import io.tritmill.jobs.run.RunSummary;
import io.tritmill.jobs.storage.Storage;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.stream.Collectors;
import org.apache.hadoop.fs.Path;

/** An export to a GGUF file, or to several that are parts of one model. */
final class GgufExport implements SettledExport {
  private static final int QUANTIZATION_VERSION = 2;

  private final Storage storage;
  private final RunDirectory run;
  private final GgufFormat format;
  private final Path output;
  private final GgufDescription description;
  private final StoredModel stored;
  private final FamilyWeights weights;
  private final List<TypedTensor> tensors;
  private Path first; // the file that names the others, once it is written

  GgufExport(Storage storage, RunDirectory run, PackedRun model, GgufFormat format, Path output) {
    this.storage = storage;
    this.run = run;
    this.format = format;
    this.output = output;
    weights = new FamilyWeights(model);
    description = GgufDescription.of(storage, model.checkpoint(), weights.tensors());
    stored = description.model();
    tensors =
        stored.tensors().stream()
            .flatMap(
                tensor ->
                    TypedTensor.of(tensor, new StoredWeights(storage, weights, tensor), format)
                        .stream())
            .toList();
    if (model.roundsInputs()) {
      requireRoundedInputs();
    }
  }

  /** ggml rounds inputs to 8 bits where it multiplies them with matrices of trits or integers. */
  private void requireRoundedInputs() {
    for (TypedTensor one : tensors) {
      if (!one.stored().single()
          && !GgufFormat.isTable(one.name())
          && one.type() instanceof RowType.Plain) {
        throw BadInputException.unsupported(
            "%s: the source is bitnet, whose modules round their inputs as they run, as ggml does"
                + " where matrices are trits or integers, but %s would be %s%s; compress it by a"
                + " rule that a type of ggml holds",
            run.path(),
            Printable.of(one.name()),
            one.type().type(),
            one.reason() == null ? "" : " (%s)".formatted(one.reason()));
      }
    }
  }

  @Override
  public List<Export.Choice> choices() {
    List<Export.Choice> choices = new ArrayList<>();
    for (TypedTensor one : tensors) {
      if (!one.stored().single()) {
        String type = one.type().type().name();
        choices.add(new Export.Choice(one.name(), type, one.bytes(), one.reason(), one.error()));
      }
    }
    for (String name : stored.leftOut()) {
      choices.add(new Export.Choice(name, "-", 0, "left out: the model does not read it", 0));
    }
    return choices;
  }

  @Override
  public void write() {
    List<GgufTensor> made = tensors.stream().map(TypedTensor::made).toList();
    Path file = format.opened(output, run);
    first =
        new GgufWriter(storage, keys(), made).write(file, format.settings().partBytes()).getFirst();
    if (!file.equals(output)) {
      String card = ModelCard.of(storage, run, format.name(), format.command(first.getName()));
      storage.publish(new Path(output, "README.md"), card.getBytes(StandardCharsets.UTF_8));
    }
  }

  private Map<String, Object> keys() {
    Map<String, Object> keys = new LinkedHashMap<>();
    keys.put("general.architecture", stored.architecture());
    keys.putAll(
        StoredCard.keys(
            run.runId(), description.files(), RunSummary.read(storage, run).parameters()));
    fileType().ifPresent(type -> keys.put("general.file_type", type));
    keys.put("general.quantization_version", QUANTIZATION_VERSION);
    stored.keys().forEach((key, value) -> keys.put(key, read(value)));
    keys.putAll(description.tokenizer());
    keys.putAll(format.keys(tensors));
    return keys;
  }

  /** A value of which the numbers are those of tensors, with the numbers. */
  private Object read(Object value) {
    if (!(value instanceof TensorNumbers numbers)) {
      return value;
    }
    List<Float> read = new ArrayList<>();
    for (String name : numbers.tensors()) {
      float[] one = new float[1];
      weights.matrices(name).getFirst().read(storage).decode(0, 1, one, 0);
      read.add(one[0]);
    }
    return GgufArray.of(read);
  }

  /** Of the type that most matrices have. */
  private OptionalInt fileType() {
    Map<GgufType, Long> counts =
        tensors.stream()
            .filter(one -> !one.stored().single())
            .collect(
                Collectors.groupingBy(
                    one -> one.type().type(),
                    () -> new EnumMap<>(GgufType.class),
                    Collectors.counting()));
    return counts.entrySet().stream()
        .max(Map.Entry.comparingByValue())
        .map(most -> most.getKey().fileType())
        .orElse(OptionalInt.empty());
  }

  @Override
  public String opened() {
    return format.command(Export.shown(first));
  }
}
