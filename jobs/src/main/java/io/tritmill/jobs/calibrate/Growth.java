package io.tritmill.jobs.calibrate;

import io.tritmill.jobs.failure.BadInputException;
import io.tritmill.jobs.model.ModelSource;
import io.tritmill.jobs.spark.Tasks;
import io.tritmill.jobs.storage.CheckedJson;
import io.tritmill.jobs.storage.Storage;
import io.tritmill.kernels.model.Architecture;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import org.apache.hadoop.fs.Path;
import org.apache.spark.api.java.JavaSparkContext;

/**
 * How much an error in the residual stream grows from behind a sublayer to the stream's end.
 *
 * <p>Output metrics take errors as they are on the identity path of the residual stream. Later
 * blocks answer to them too: nearly alike from most places, but behind the first attention, where
 * the stream is still the small embedding, thousands of times as much in the bundled model.
 *
 * @param sublayers of each sublayer: by how much the damage of an error behind it grows
 */
record Growth(List<Double> sublayers) {
  private static final int MAX_FILE = 1 << 24;

  /**
   * Measures it, unless an earlier attempt did.
   *
   * @param file that keeps it
   */
  static Growth measure(
      JavaSparkContext spark,
      Storage storage,
      ModelSource source,
      List<CalibrationChunk> chunks,
      LastStream curvature,
      Path file) {
    Optional<Growth> left =
        storage.exists(file)
            ? CheckedJson.read(
                file.toString(),
                storage.read(file, MAX_FILE),
                Growth.class,
                sentence -> System.err.println(sentence + "; it is measured again"))
            : Optional.empty();
    if (left.isPresent()) {
      return left.get();
    }
    List<MeasureGrowth.Input> inputs = new ArrayList<>();
    for (CalibrationChunk chunk : chunks) {
      inputs.add(new MeasureGrowth.Input(chunk, inputs.size(), curvature));
    }
    List<MeasureGrowth.Grown> grown = new ArrayList<>(Collections.nCopies(inputs.size(), null));
    Tasks.run(
        spark,
        "measure how errors grow",
        inputs.stream().map(List::of).toList(),
        new MeasureGrowth(storage, source),
        (MeasureGrowth.Grown one) -> grown.set(one.position(), one));
    Growth growth = of(source.architecture(), grown);
    storage.publish(file, CheckedJson.document(growth));
    return growth;
  }

  /** Sums in the order of the chunks. */
  private static Growth of(Architecture model, List<MeasureGrowth.Grown> grown) {
    List<Double> sublayers = new ArrayList<>();
    for (int place = 0; place < grown.getFirst().begun().length; place++) {
      double begun = 0;
      double ended = 0;
      for (MeasureGrowth.Grown one : grown) {
        begun += one.begun()[place];
        ended += one.ended()[place];
      }
      if (!Double.isFinite(ended)) {
        throw BadInputException.broken(
            "block %d: a small error in its residual stream becomes NaN or infinite on calibration"
                + " data; activations overflow, so a weight cannot be right",
            model.sublayers().get(place).block());
      }
      sublayers.add(begun > 0 ? ended / begun : 1);
    }
    return new Growth(sublayers);
  }
}
