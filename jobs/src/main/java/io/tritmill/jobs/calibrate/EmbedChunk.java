package io.tritmill.jobs.calibrate;

import io.tritmill.jobs.calibrate.stream.NumberFiles;
import io.tritmill.jobs.calibrate.stream.StreamFiles;
import io.tritmill.jobs.model.ModelReader;
import io.tritmill.jobs.model.ModelSource;
import io.tritmill.jobs.spark.Tasks;
import io.tritmill.jobs.storage.Storage;
import java.io.IOException;
import org.apache.hadoop.fs.Path;

/**
 * Writes what enters the first block of both streams.
 *
 * @param storage file systems
 * @param source the full-precision model
 * @param directory where files go
 * @param packed the embedding that the compressed stream begins with; null where it is that of the
 *     full-precision model
 */
record EmbedChunk(Storage storage, ModelSource source, String directory, SolvedLayer packed)
    implements Tasks.Work<CalibrationChunk, StreamFiles> {
  @Override
  public StreamFiles apply(CalibrationChunk chunk, String attempt) throws IOException {
    try (ModelReader reader = new ModelReader(source)) {
      String clean = write("clean", chunk, attempt, reader.embed(chunk.ids()));
      String compressed =
          packed == null
              ? clean
              : write(
                  "compressed",
                  chunk,
                  attempt,
                  reader.embed(chunk.ids(), new PackedTable(storage, packed)));
      return StreamFiles.at(chunk.index(), 0, clean, compressed, "");
    }
  }

  private String write(String stream, CalibrationChunk chunk, String attempt, float[] x)
      throws IOException {
    Path path = new Path(directory, "%s-0-%d.%s".formatted(stream, chunk.index(), attempt));
    NumberFiles.write(storage, path, x, x.length);
    return path.toString();
  }
}
