package io.tritmill.jobs.calibrate;

import io.tritmill.jobs.model.ModelReader;
import io.tritmill.jobs.model.ModelSource;
import io.tritmill.jobs.spark.Tasks;
import io.tritmill.jobs.storage.Storage;
import java.io.IOException;
import org.apache.hadoop.fs.Path;

/**
 * Writes what enters the first block.
 *
 * @param storage file systems
 * @param source the full-precision model
 * @param directory where files go
 */
record EmbedChunk(Storage storage, ModelSource source, String directory)
    implements Tasks.Work<CalibrationChunk, StreamFiles> {
  @Override
  public StreamFiles apply(CalibrationChunk chunk, String attempt) throws IOException {
    try (ModelReader reader = new ModelReader(source)) {
      float[] x = reader.embed(chunk.ids());
      Path path = new Path(directory, "clean-0-%d.%s".formatted(chunk.index(), attempt));
      NumberFiles.write(storage, path, x, x.length);
      return StreamFiles.at(chunk.index(), 0, path.toString(), path.toString(), "");
    }
  }
}
