package io.tritmill.jobs.export;

import io.tritmill.jobs.failure.BadInputException;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The formats that there are. */
final class ExportFormats {
  private static final String GGUF = "gguf";

  private ExportFormats() {}

  /**
   * The one that is asked for; {@code gguf} alone is the one with the smallest types.
   *
   * @throws BadInputException if there is none of its name
   */
  static ExportFormat of(ExportSettings settings) {
    Stream<ExportFormat> gguf =
        GgufFormat.types().stream().map(type -> new GgufFormat(type, settings));
    List<ExportFormat> all =
        Stream.concat(CheckpointFormat.ALL.stream(), gguf).map(ExportFormat.class::cast).toList();
    String asked = settings.format().equals(GGUF) ? "gguf:auto" : settings.format();
    ExportFormat found =
        all.stream()
            .filter(format -> format.name().equals(asked))
            .findFirst()
            .orElseThrow(
                () ->
                    BadInputException.usage(
                        "--format is %s, expected one of %s",
                        settings.format(),
                        all.stream().map(ExportFormat::name).collect(Collectors.joining(", "))));
    if (settings.tableType() != null && !(found instanceof GgufFormat)) {
      throw BadInputException.usage(
          "--table-type is given, but %s has no types to choose from; give it with a gguf format",
          found.name());
    }
    return found;
  }
}
