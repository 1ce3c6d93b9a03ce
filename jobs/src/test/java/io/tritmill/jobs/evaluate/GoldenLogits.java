package io.tritmill.jobs.evaluate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tritmill.jobs.checkpoint.Checkpoint;
import io.tritmill.jobs.model.ModelSource;
import io.tritmill.jobs.storage.Storage;
import io.tritmill.jobs.tensor.TensorInfo;
import io.tritmill.jobs.tensor.TensorReader;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.apache.hadoop.fs.FileUtil;

/**
 * Logits that transformers computed of two sequences, as the scripts below {@code foreign/golden}
 * write them.
 *
 * @param ids of each sequence
 * @param logits of each, (tokens, vocabulary)
 */
record GoldenLogits(List<int[]> ids, List<float[]> logits) {
  static GoldenLogits read(Storage storage, Path file) throws IOException {
    Path folder = Files.createTempDirectory("golden");
    try {
      Files.copy(file, folder.resolve("model.safetensors"));
      Checkpoint told = Checkpoint.open(storage, storage.path(folder.toString()));
      List<int[]> ids = new ArrayList<>();
      List<float[]> logits = new ArrayList<>();
      for (int sequence = 0; sequence < 2; sequence++) {
        ids.add(ids(bytes(storage, told.tensor("ids." + sequence).orElseThrow())));
        logits.add(floats(bytes(storage, told.tensor("logits." + sequence).orElseThrow())));
      }
      return new GoldenLogits(ids, logits);
    } finally {
      FileUtil.fullyDelete(folder.toFile());
    }
  }

  /** Requires that a model computes the same, and so the same perplexity. */
  void assertSame(ModelSource source) throws IOException {
    int vocabulary = source.architecture().vocabulary();
    for (int sequence = 0; sequence < 2; sequence++) {
      int[] tokens = ids.get(sequence);
      float[] expected = logits.get(sequence);
      assertEquals(tokens.length * vocabulary, expected.length);
      float[] found = found(source, tokens);
      double largest = 0;
      double difference = 0;
      for (int i = 0; i < expected.length; i++) {
        largest = Math.max(largest, Math.abs(expected[i]));
        difference = Math.max(difference, Math.abs(expected[i] - found[i]));
      }
      double share = difference / largest;
      assertTrue(share <= 1e-5, () -> "differs by %.2g of the largest".formatted(share));
      double perplexity = perplexity(expected, tokens, vocabulary);
      // Of random models with large logits, those of float alone are not told more exactly.
      double rounding = Math.max(1e-6, 2 * Math.ulp((float) largest));
      assertEquals(perplexity, perplexity(found, tokens, vocabulary), rounding * perplexity);
    }
  }

  /** What a model computes here. */
  static float[] found(ModelSource source, int[] ids) throws IOException {
    int vocabulary = source.architecture().vocabulary();
    float[] found = new float[ids.length * vocabulary];
    try (ModelPass pass = new ModelPass(source, List.of(ids))) {
      pass.readHead(0, vocabulary);
      pass.logits(0, ids.length, found);
    }
    return found;
  }

  /** That of each token but the first, given those before it. */
  private static double perplexity(float[] logits, int[] ids, int vocabulary) {
    double sum = 0;
    for (int t = 0; t + 1 < ids.length; t++) {
      double all = 0;
      for (int token = 0; token < vocabulary; token++) {
        all += Math.exp(logits[t * vocabulary + token]);
      }
      sum += Math.log(all) - logits[t * vocabulary + ids[t + 1]];
    }
    return Math.exp(sum / (ids.length - 1));
  }

  private static int[] ids(byte[] stored) {
    ByteBuffer bytes = ByteBuffer.wrap(stored).order(ByteOrder.LITTLE_ENDIAN);
    int[] ids = new int[stored.length / Long.BYTES];
    for (int i = 0; i < ids.length; i++) {
      ids[i] = Math.toIntExact(bytes.getLong());
    }
    return ids;
  }

  private static float[] floats(byte[] stored) {
    float[] floats = new float[stored.length / Float.BYTES];
    ByteBuffer.wrap(stored).order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer().get(floats);
    return floats;
  }

  private static byte[] bytes(Storage storage, TensorInfo tensor) {
    try (TensorReader reader = new TensorReader(storage)) {
      return reader.bytes(tensor, 0, Math.toIntExact(tensor.bytes()));
    }
  }
}
