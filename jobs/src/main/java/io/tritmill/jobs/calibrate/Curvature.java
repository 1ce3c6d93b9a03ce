package io.tritmill.jobs.calibrate;

import io.tritmill.jobs.model.ModelSource;
import io.tritmill.jobs.spark.Tasks;
import io.tritmill.jobs.storage.CheckedJson;
import io.tritmill.jobs.storage.Storage;
import io.tritmill.kernels.quantize.Need;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.apache.hadoop.fs.Path;
import org.apache.spark.api.java.JavaSparkContext;

/**
 * Measures the loss's curvature in the last residual stream, once: output metrics of all layers are
 * made of it.
 *
 * <p>A small file says where it lies, so that a run that was killed does not measure it again.
 */
final class Curvature {
  private static final int MAX_FILE = 1 << 24;

  private final JavaSparkContext spark;
  private final Storage storage;
  private final ModelSource source;
  private final List<CalibrationChunk> chunks;
  private final Path directory;
  private final Path file;
  private LastStream measured;

  /**
   * @param source the full-precision model, transformed as the recipe says
   * @param chunks those that layers are fitted on
   */
  Curvature(
      JavaSparkContext spark,
      Storage storage,
      ModelSource source,
      List<CalibrationChunk> chunks,
      Path directory) {
    this.spark = spark;
    this.storage = storage;
    this.source = source;
    this.chunks = chunks;
    this.directory = directory;
    file = new Path(directory, "curvature.json");
  }

  /** Measures it, unless that was done. */
  LastStream measure() {
    if (measured == null) {
      measured = left();
    }
    if (measured == null) {
      measured = merge(sums());
      storage.publish(file, CheckedJson.document(measured));
    }
    return measured;
  }

  /** What output metrics are made of. */
  OutputMetrics metrics(LastStream stream) {
    return OutputMetrics.of(source, stream, chunks);
  }

  /** What an earlier attempt left, if all of it is still there. */
  private LastStream left() {
    if (!storage.exists(file)) {
      return null;
    }
    return CheckedJson.read(
            file.toString(),
            storage.read(file, MAX_FILE),
            LastStream.class,
            sentence -> System.err.println(sentence + "; it is measured again"))
        .filter(found -> found.files().stream().allMatch(name -> storage.exists(new Path(name))))
        .orElse(null);
  }

  /** A file for each chunk, in their order. */
  private ArrayList<String> sums() {
    List<MeasureCurvature.Input> inputs = new ArrayList<>();
    long tokens = 0;
    for (int i = 0; i < chunks.size(); i++) {
      inputs.add(new MeasureCurvature.Input(chunks.get(i), i, tokens));
      tokens += chunks.get(i).tokens();
    }
    ArrayList<String> files = new ArrayList<>(Collections.nCopies(chunks.size(), null));
    Tasks.run(
        spark,
        "measure the curvature of the loss",
        inputs.stream().map(List::of).toList(),
        new MeasureCurvature(storage, source, directory.toString()),
        (MeasureCurvature.Measured one) -> files.set(one.position(), one.file()));
    return files;
  }

  private LastStream merge(ArrayList<String> chunkFiles) {
    int hidden = source.architecture().hidden();
    Sum sum = Sum.ofInputs(null, Need.GRAM, hidden, hidden, false);
    List<MergeStrip.Input> inputs = new ArrayList<>();
    for (int s = 0; s < sum.strips(); s++) {
      ArrayList<Long> firsts =
          new ArrayList<>(Collections.nCopies(chunks.size(), sum.valuesBefore(s)));
      inputs.add(new MergeStrip.Input(0, s, sum.values(s), firsts, chunkFiles));
    }
    ArrayList<String> files = new ArrayList<>(Collections.nCopies(sum.strips(), null));
    Tasks.run(
        spark,
        "merge the curvature of the loss",
        inputs.stream().map(List::of).toList(),
        new MergeStrip(storage, directory.toString()),
        (MergeStrip.Merged one) -> files.set(one.strip(), one.file()));
    chunkFiles.forEach(name -> storage.delete(new Path(name)));
    long tokens = chunks.stream().mapToLong(CalibrationChunk::tokens).sum();
    return new LastStream(tokens, hidden, files);
  }
}
