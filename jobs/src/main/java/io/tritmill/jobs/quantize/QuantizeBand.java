package io.tritmill.jobs.quantize;

import io.tritmill.jobs.calibrate.SiteStatistics;
import io.tritmill.jobs.failure.BadInputException;
import io.tritmill.jobs.failure.Printable;
import io.tritmill.jobs.model.ModelSource;
import io.tritmill.jobs.model.ModelTensors;
import io.tritmill.jobs.plan.LayerShard;
import io.tritmill.jobs.spark.ProcessMemory;
import io.tritmill.jobs.spark.Tasks;
import io.tritmill.jobs.storage.Checksums;
import io.tritmill.jobs.storage.Publication;
import io.tritmill.jobs.storage.Storage;
import io.tritmill.jobs.tensor.TensorInfo;
import io.tritmill.jobs.tensor.TensorReader;
import io.tritmill.kernels.code.ScaleStatistics;
import io.tritmill.kernels.code.TritCounts;
import io.tritmill.kernels.code.UnusableWeightException;
import io.tritmill.kernels.model.TensorSpec;
import io.tritmill.kernels.quantize.LayerInputs;
import io.tritmill.kernels.quantize.LayerStatistics;
import io.tritmill.kernels.quantize.PackedBand;
import io.tritmill.kernels.quantize.Quantizer;
import io.tritmill.kernels.quantize.ReconstructionError;
import io.tritmill.kernels.simd.Simd;
import io.tritmill.kernels.tensor.EncodedRows;
import io.tritmill.kernels.tensor.Encoding;
import io.tritmill.kernels.tensor.Matrix;
import io.tritmill.kernels.tensor.WeightRows;
import java.io.IOException;
import java.io.Serializable;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;
import org.apache.hadoop.fs.Path;
import org.apache.spark.SparkEnv;
import org.apache.spark.TaskContext;

/**
 * Quantizes one band: reads exactly its byte range, quantizes, measures, packs, writes a part. A
 * band that is kept is only checked, unless its file has it in a form that the output cannot.
 *
 * <p>A part holds the pieces of the packed band one after the other, as FORMAT.md describes them.
 * It is written under a name of its own attempt, so that a duplicate or a late straggler harms
 * nothing.
 *
 * @param storage file systems
 * @param source the transformed model; null where weights are those of the file
 * @param parts directory of the parts
 * @param application makes the names of this application's attempts its own
 */
record QuantizeBand(Storage storage, ModelSource source, String parts, String application)
    implements Tasks.Work<QuantizeBand.Input, BandResult> {

  /**
   * A shard and what is known of its tensor.
   *
   * @param inputs what passes over the whole tensor have gathered
   * @param statistics where calibration's sums lie; null without calibration
   */
  record Input(LayerShard shard, LayerInputs inputs, SiteStatistics statistics)
      implements Serializable {}

  @Override
  public BandResult apply(Input input, String attempt) throws IOException {
    LayerShard shard = input.shard();
    long begin = System.nanoTime();
    if (shard.quantizer() == null) {
      byte[] bytes = read(storage, shard);
      long read = System.nanoTime();
      check(shard, bytes);
      long checked = System.nanoTime();
      Part part =
          shard.tensor().parts().isEmpty()
              ? write(shard, attempt, List.of(KeptRows.of(shard, bytes)))
              : Part.NONE;
      return result(
          shard, part, Measured.NOTHING, read - begin, checked - read, System.nanoTime() - checked);
    }
    WeightRows weights = weights(storage, source, shard);
    long read = System.nanoTime();
    Learning learning = Learning.of(shard, input.statistics());
    LayerStatistics learned = learning.load(storage);
    Learning.Outcome outcome =
        learning.solve(
            weights,
            learned,
            method -> solve(shard, method, weights, input.inputs().with(learned)));
    PackedBand band = outcome.band();
    long computed = System.nanoTime();
    Part part = write(shard, attempt, band.tensor().pieces());
    long end = System.nanoTime();
    Measured measured =
        new Measured(
            band.error(),
            outcome.remedy(),
            learning.error(band.report()),
            band.planes(),
            band.scales());
    return result(shard, part, measured, read - begin, computed - read, end - computed);
  }

  /** Writes a part, one array after the other. */
  private Part write(LayerShard shard, String attempt, List<byte[]> content) throws IOException {
    MessageDigest digest = Checksums.sha256();
    long bytes = 0;
    String name = "%s.%s-%s.part".formatted(shard.key(), application, attempt);
    try (Publication file = storage.publication(new Path(parts, name), "writing")) {
      for (byte[] one : content) {
        digest.update(one);
        file.stream().write(one);
        bytes += one.length;
      }
      file.commit();
    }
    return new Part(name, bytes, HexFormat.of().formatHex(digest.digest()));
  }

  /** A file that was written, or none. */
  private record Part(String name, long bytes, String sha256) {
    static final Part NONE = new Part("", 0, "");
  }

  /** What a quantized band is like, or nothing. */
  private record Measured(
      ReconstructionError error,
      String remedy,
      CalibrationError calibration,
      List<TritCounts> planes,
      ScaleStatistics scales) {
    static final Measured NOTHING = new Measured(null, null, null, List.of(), null);
  }

  /**
   * The weights of a band: as the file stores them, or all of a matrix of the transformed model.
   *
   * @param source the transformed model; null where all weights are those of the file
   */
  static WeightRows weights(Storage storage, ModelSource source, LayerShard shard) {
    return shard.turned()
        ? transformed(source, shard.tensor().name())
        : stored(shard, read(storage, shard));
  }

  /** A whole matrix of a transformed model. */
  static Matrix transformed(ModelSource source, String name) {
    TensorSpec spec = source.architecture().tensor(name).orElseThrow();
    try (ModelTensors tensors = source.open()) {
      WeightRows rows = tensors.matrix(spec);
      Matrix matrix = Matrix.zeros(rows.rows(), rows.columns());
      rows.decode(0, rows.rows(), matrix.values(), 0);
      return matrix;
    }
  }

  private static byte[] read(Storage storage, LayerShard shard) {
    TensorInfo tensor = shard.tensor();
    long rowBytes = tensor.rowBytes();
    try (TensorReader reader = new TensorReader(storage)) {
      return reader.bytes(
          tensor, shard.firstRow() * rowBytes, Math.toIntExact(shard.rows() * rowBytes));
    }
  }

  /** A band's rows as the file stores them. */
  static EncodedRows stored(LayerShard shard, byte[] bytes) {
    Encoding type = shard.tensor().encoding().orElseThrow();
    return new EncodedRows(shard.rows(), shard.columns(), type, bytes);
  }

  private static void check(LayerShard shard, byte[] bytes) {
    if (shard.tensor().encoding().isPresent()) {
      TensorReader.requireFinite(shard.tensor(), shard.firstRow(), stored(shard, bytes));
    }
  }

  private static PackedBand solve(
      LayerShard shard, Quantizer method, WeightRows band, LayerInputs inputs) {
    try {
      return PackedBand.of(band, method, inputs);
    } catch (UnusableWeightException e) {
      throw unusable(shard, e);
    }
  }

  /** What to tell of a weight that no method can use. */
  static BadInputException unusable(LayerShard shard, UnusableWeightException weight) {
    return BadInputException.broken(
        "%s: tensor %s, row %d: %s; was the training stable and the download complete?",
        shard.tensor().file(),
        Printable.of(shard.tensor().name()),
        shard.firstRow() + weight.row(),
        weight.reason());
  }

  private static BandResult result(
      LayerShard shard,
      Part part,
      Measured measured,
      long readNanos,
      long computeNanos,
      long writeNanos) {
    return new BandResult(
        shard.key(),
        shard.tensor().name(),
        shard.firstRow(),
        shard.rows(),
        part.name(),
        part.bytes(),
        part.sha256(),
        measured.error(),
        measured.remedy(),
        measured.calibration(),
        measured.planes(),
        measured.scales(),
        readNanos,
        computeNanos,
        writeNanos,
        SparkEnv.get().executorId(),
        TaskContext.get().taskAttemptId(),
        System.currentTimeMillis(),
        Simd.vectorBits(),
        ProcessMemory.peakResidentBytes());
  }
}
