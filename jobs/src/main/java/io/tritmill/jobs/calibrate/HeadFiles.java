package io.tritmill.jobs.calibrate;

import io.tritmill.jobs.calibrate.stream.NumberFiles;
import io.tritmill.jobs.model.ModelReader;
import io.tritmill.jobs.storage.Storage;
import io.tritmill.kernels.model.forward.ForwardPass;
import io.tritmill.kernels.model.forward.OutputHead;
import io.tritmill.kernels.quantize.Need;
import java.io.IOException;
import java.util.Arrays;
import java.util.TreeMap;
import org.apache.hadoop.fs.Path;

/**
 * Writes what one chunk brings to the head: its final hidden states, behind the final norm and in
 * the model's own basis.
 *
 * <p>Behind the last block no token is looked at any more, so all tokens count alike, whatever the
 * least weight that a method asks for.
 */
final class HeadFiles {
  private final Storage storage;
  private final String directory;
  private final GatherChunk.Input input;
  private final String attempt;

  HeadFiles(Storage storage, String directory, GatherChunk.Input input, String attempt) {
    this.storage = storage;
    this.directory = directory;
    this.input = input;
    this.attempt = attempt;
  }

  /**
   * Writes it.
   *
   * @param clean (tokens, hidden): what left the last block; left as it is
   * @param compressed the same of the compressed model
   */
  ChunkInputs write(ModelReader reader, float[] clean, float[] compressed) throws IOException {
    CalibrationChunk chunk = input.chunk();
    if (input.sums().isEmpty()) {
      return ChunkInputs.none(chunk);
    }
    boolean compares = input.sums().stream().anyMatch(sum -> sum.need() == Need.INPUT_ERROR);
    return new ChunkInputs(
        chunk.index(),
        chunk.heldOut(),
        StageRows.all(chunk.tokens()),
        states("inputs", reader, compressed),
        compares ? states("clean-inputs", reader, clean) : "",
        "",
        weights(),
        null,
        "");
  }

  private Path path(String name) {
    return new Path(directory, "%s-head-%d.%s".formatted(name, input.chunk().index(), attempt));
  }

  private String states(String name, ModelReader reader, float[] x) throws IOException {
    int hidden = reader.architecture().hidden();
    OutputHead head = new OutputHead(reader.architecture(), reader.finalNorm());
    Path path = path(name);
    float[] slab = new float[ForwardPass.SLAB * hidden];
    try (NumberFiles.Writer file = NumberFiles.create(storage, path)) {
      for (int at = 0; at < x.length; at += slab.length) {
        int count = Math.min(slab.length, x.length - at);
        System.arraycopy(x, at, slab, 0, count);
        reader.rotations().leave(count / hidden, slab);
        head.normalize(count / hidden, slab);
        file.write(slab, count);
      }
      file.commit();
    }
    return path.toString();
  }

  private TreeMap<Double, String> weights() throws IOException {
    TreeMap<Double, String> files = new TreeMap<>();
    float[] alike = new float[input.chunk().tokens()];
    Arrays.fill(alike, 1);
    for (Sum sum : input.sums()) {
      double least = sum.leastWeight();
      if (least != 1 && !files.containsKey(least)) {
        Path path = path("weights-" + files.size());
        NumberFiles.write(storage, path, alike, alike.length);
        files.put(least, path.toString());
      }
    }
    return files;
  }
}
