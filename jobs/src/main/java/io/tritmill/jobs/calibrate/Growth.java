package io.tritmill.jobs.calibrate;

import io.tritmill.jobs.failure.BadInputException;
import io.tritmill.jobs.model.ModelSource;
import io.tritmill.jobs.spark.Tasks;
import io.tritmill.jobs.storage.CheckedJson;
import io.tritmill.jobs.storage.Storage;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import org.apache.hadoop.fs.Path;
import org.apache.spark.api.java.JavaSparkContext;

/**
 * How much an error in the residual stream grows from behind a half block to the stream's end.
 *
 * <p>Output metrics take errors as they are on the identity path of the residual stream. Later
 * blocks answer to them too: nearly alike from most places, but behind the first attention, where
 * the stream is still the small embedding, thousands of times as much in the bundled model.
 *
 * @param halves of each half block: by how much the damage of an error behind it grows
 */
record Growth(List<Double> halves) {
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
    Growth growth = of(grown);
    storage.publish(file, CheckedJson.document(growth));
    return growth;
  }

  /** Sums in the order of the chunks. */
  private static Growth of(List<MeasureGrowth.Grown> grown) {
    List<Double> halves = new ArrayList<>();
    for (int half = 0; half < grown.getFirst().begun().length; half++) {
      double begun = 0;
      double ended = 0;
      for (MeasureGrowth.Grown one : grown) {
        begun += one.begun()[half];
        ended += one.ended()[half];
      }
      if (!Double.isFinite(ended)) {
        throw BadInputException.broken(
            "block %d: a small error in its residual stream becomes NaN or infinite on calibration"
                + " data; activations overflow, so a weight cannot be right",
            half / 2);
      }
      halves.add(begun > 0 ? ended / begun : 1);
    }
    return new Growth(halves);
  }
}
