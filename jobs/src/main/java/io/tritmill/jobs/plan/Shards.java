package io.tritmill.jobs.plan;

import io.tritmill.jobs.checkpoint.TensorInfo;
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
  private static final String PART_VERSION = "1";

  private Shards() {}

  static List<LayerShard> cut(
      List<PlannedTensor> tensors, Map<String, String> fileFingerprints, int bandWeights) {
    List<LayerShard> shards = new ArrayList<>();
    for (PlannedTensor planned : tensors) {
      if (planned.tensor().elements() == 0) {
        continue;
      }
      int rows = Math.toIntExact(planned.tensor().rows());
      int columns = Math.toIntExact(planned.tensor().columns());
      int band = Bands.rows(columns, bandWeights);
      for (int first = 0; first < rows; first += band) {
        int count = Math.min(band, rows - first);
        String key = key(planned, first, count, fileFingerprints.get(planned.tensor().file()));
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
