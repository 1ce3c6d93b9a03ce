package io.tritmill.jobs.plan;

import io.tritmill.jobs.failure.BadInputException;
import io.tritmill.jobs.failure.Printable;
import io.tritmill.jobs.recipe.Transforms;
import io.tritmill.jobs.tensor.TensorInfo;
import io.tritmill.kernels.quantize.PackedBand;
import io.tritmill.kernels.quantize.Quantizer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** Cuts planned tensors into shards of about equal cost. */
final class Shards {
  /** Part of every key: raised whenever the bytes of a part would differ for the same input. */
  private static final String PART_VERSION = "2";

  /** A model of four million million weights in the bands that it is cut into. */
  private static final int MOST_BANDS = 1_000_000;

  private Shards() {}

  /**
   * Cuts.
   *
   * @param transforms what is done to the whole model first
   * @param learning names whatever a layer that learns from data depends on
   * @throws BadInputException if there are more than can be planned
   */
  static List<LayerShard> cut(
      List<PlannedTensor> tensors,
      Map<String, String> fileFingerprints,
      int bandWeights,
      Transforms transforms,
      String learning) {
    List<LayerShard> shards = new ArrayList<>();
    for (PlannedTensor planned : tensors) {
      if (planned.tensor().elements() == 0) {
        continue;
      }
      int rows = planned.rows();
      int columns = planned.columns();
      boolean learns = planned.learns();
      boolean turned = turned(planned, transforms);
      int band =
          whole(planned, turned)
              ? rows
              : PackedBand.rows(columns, learns ? learning(columns, bandWeights) : bandWeights);
      if (Math.ceilDiv(rows, band) > MOST_BANDS - shards.size()) {
        throw BadInputException.broken(
            "%s: tensor %s of shape %s is where the model gets more than %d bands of about %d weights"
                + " each, more than can be planned; are its sizes meant?",
            planned.tensor().file(),
            Printable.of(planned.tensor().name()),
            planned.tensor().shape(),
            MOST_BANDS,
            bandWeights);
      }
      String source = fileFingerprints.get(planned.tensor().file());
      String from = (learns ? source + "\n" + learning : source) + (turned ? transforms : "");
      String facts = facts(planned, from + dress(planned.tensor(), fileFingerprints));
      int count;
      for (int first = 0; first < rows; first += count) {
        count = Math.min(band, rows - first);
        shards.add(
            new LayerShard(
                shards.size(),
                planned.tensor(),
                first,
                count,
                columns,
                planned.quantizer(),
                turned,
                facts));
      }
    }
    return List.copyOf(shards);
  }

  /** Rows of a rotated layer are made of all rows; what is outside the blocks is not rotated. */
  private static boolean turned(PlannedTensor planned, Transforms transforms) {
    return !transforms.none() && !planned.kept() && planned.module() != null && !planned.head();
  }

  /**
   * Whether a tensor is one shard. A layer that learns is: what it learned would be read again for
   * every band. A head has too many rows for that.
   */
  private static boolean whole(PlannedTensor planned, boolean turned) {
    if (turned || planned.tensor().dress().wholeAtOnce()) {
      return true;
    }
    if (planned.kept()) {
      return false;
    }
    return planned.learns()
        ? !planned.head() || planned.quantizer().passesOverBands().isEmpty()
        : !planned.quantizer().rowsIndependent();
  }

  /**
   * Weights of a band that learns: each band makes a factor of the Gram matrix, which costs as much
   * as some rows for each input, but the memory is bounded by plain bands'.
   */
  private static int learning(int columns, int bandWeights) {
    long worthwhile = 2L * columns * columns;
    return (int) Math.clamp(worthwhile, bandWeights, Math.min(8L * bandWeights, 1 << 30));
  }

  /** What a band depends on beside the bytes at its tensor's place. */
  private static String dress(TensorInfo tensor, Map<String, String> fileFingerprints) {
    String sources =
        tensor.dress().sources().stream()
            .map(
                with ->
                    String.join(
                        "\n",
                        "",
                        with.dtype(),
                        with.shape().toString(),
                        Long.toString(with.offset()),
                        fileFingerprints.get(with.file())))
            .collect(Collectors.joining());
    return tensor.dress().facts() + sources;
  }

  private static String facts(PlannedTensor planned, String fingerprint) {
    TensorInfo tensor = planned.tensor();
    Quantizer quantizer = planned.quantizer();
    return String.join(
        "\n",
        PART_VERSION,
        tensor.name(),
        tensor.dtype(),
        tensor.shape().toString(),
        Long.toString(tensor.offset()),
        fingerprint,
        quantizer == null ? "keep" : quantizer.toString());
  }
}
