package io.tritmill.jobs.plan;

import io.tritmill.jobs.checkpoint.TensorInfo;
import io.tritmill.jobs.recipe.Transforms;
import io.tritmill.kernels.pack.PackedBand;
import io.tritmill.kernels.quantize.Quantizer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;

/** Cuts planned tensors into shards of about equal cost. */
final class Shards {
  /** Part of every key: raised whenever the bytes of a part would differ for the same input. */
  private static final String PART_VERSION = "2";

  private Shards() {}

  /**
   * Cuts.
   *
   * @param transforms what is done to the whole model first
   * @param learning names whatever a layer that learns from data depends on
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
      int rows = Math.toIntExact(planned.tensor().rows());
      int columns = Math.toIntExact(planned.tensor().columns());
      // A layer that learns is one shard: what it learned would be read again for every band. So
      // is one that is rotated, whose rows are made of all rows.
      boolean learns = !planned.kept() && !planned.quantizer().needs().isEmpty();
      boolean turned = !planned.kept() && !transforms.none();
      boolean whole = learns || turned || !planned.kept() && !planned.quantizer().rowsIndependent();
      int band = whole ? rows : PackedBand.rows(columns, bandWeights);
      int count;
      for (int first = 0; first < rows; first += count) {
        count = Math.min(band, rows - first);
        String source = fileFingerprints.get(planned.tensor().file());
        String from = (learns ? source + "\n" + learning : source) + (turned ? transforms : "");
        String key = key(planned, first, count, from);
        shards.add(
            new LayerShard(
                shards.size(), planned.tensor(), first, count, columns, planned.quantizer(), key));
      }
    }
    return List.copyOf(shards);
  }

  private static String key(PlannedTensor planned, int first, int rows, String fingerprint) {
    TensorInfo tensor = planned.tensor();
    Quantizer quantizer = planned.quantizer();
    String facts =
        String.join(
            "\n",
            PART_VERSION,
            tensor.name(),
            tensor.dtype(),
            tensor.shape().toString(),
            Long.toString(tensor.offset()),
            fingerprint,
            quantizer == null ? "keep" : quantizer.toString(),
            Integer.toString(first),
            Integer.toString(rows));
    try {
      byte[] digest =
          MessageDigest.getInstance("SHA-256").digest(facts.getBytes(StandardCharsets.UTF_8));
      return HexFormat.of().formatHex(digest, 0, 16);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
