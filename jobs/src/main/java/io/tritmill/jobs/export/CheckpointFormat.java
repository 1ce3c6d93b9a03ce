package io.tritmill.jobs.export;

import io.tritmill.jobs.failure.BadInputException;
import io.tritmill.kernels.tensor.DType;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * A format in the layout of Hugging Face: what becomes of each packed matrix, and what config.json
 * says of it. Whatever else a run's model has is copied.
 */
interface CheckpointFormat {
  /** Those that there are. */
  List<CheckpointFormat> ALL =
      List.of(
          new PlainFormat(DType.BF16),
          new PlainFormat(DType.F16),
          new PlainFormat(DType.F32),
          new CompressedTensorsFormat(),
          new GptqFormat());

  /**
   * The format of a name.
   *
   * @throws BadInputException if there is none
   */
  static CheckpointFormat of(String name) {
    return ALL.stream()
        .filter(format -> format.name().equals(name))
        .findFirst()
        .orElseThrow(
            () ->
                BadInputException.usage(
                    "--format is %s, expected one of %s",
                    name,
                    ALL.stream().map(CheckpointFormat::name).collect(Collectors.joining(", "))));
  }

  /** What the command line calls it. */
  String name();

  /** Which program opens it, by which command, with the folder in place of {@code %s}. */
  String opened();

  /**
   * What becomes of the matrices.
   *
   * @throws BadInputException if they cannot be held together
   */
  List<Held> hold(List<Layer> layers);

  /** {@code quantization_config} in config.json; empty where weights are plain. */
  Optional<Map<String, Object>> quantization(List<Held> held);
}
