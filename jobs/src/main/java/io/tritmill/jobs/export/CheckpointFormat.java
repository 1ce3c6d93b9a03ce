package io.tritmill.jobs.export;

import io.tritmill.jobs.failure.BadInputException;
import io.tritmill.jobs.run.RunDirectory;
import io.tritmill.jobs.storage.Storage;
import io.tritmill.kernels.tensor.DType;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.hadoop.fs.Path;

/**
 * A format in the layout of Hugging Face: what becomes of each packed matrix, and what config.json
 * says of it. Whatever else a run's model has is copied.
 */
interface CheckpointFormat extends ExportFormat {
  /** Those that there are. */
  List<CheckpointFormat> ALL =
      List.of(
          new PlainFormat(DType.BF16),
          new PlainFormat(DType.F16),
          new PlainFormat(DType.F32),
          new CompressedTensorsFormat(),
          new GptqFormat(),
          new AwqFormat(),
          new BitnetFormat());

  /** Which program opens it, by which command, with the folder in place of {@code %s}. */
  String opened();

  /** Whether programs expect the type for every linear module, so that none may be kept. */
  default boolean ofEveryModule() {
    return false;
  }

  /** Whether programs round the inputs of the modules to 8 bits as these run. */
  default boolean roundsInputs() {
    return false;
  }

  /**
   * What becomes of the matrices.
   *
   * @throws BadInputException if they cannot be held together
   */
  List<Held> hold(List<Layer> layers);

  @Override
  default String lastFile() {
    return "config.json";
  }

  @Override
  default SettledExport settle(Storage storage, RunDirectory run, PackedRun model, Path output) {
    return new CheckpointExport(storage, run, model, this, output);
  }

  /** {@code quantization_config} in config.json; empty where weights are plain. */
  Optional<Map<String, Object>> quantization(List<Held> held);
}
