package io.tritmill.jobs.calibrate;

import io.tritmill.jobs.calibrate.stream.NumberFiles;
import io.tritmill.jobs.spark.Tasks;
import io.tritmill.jobs.storage.Storage;
import java.io.IOException;
import java.io.Serializable;
import java.util.ArrayList;
import org.apache.hadoop.fs.Path;

/**
 * Adds one strip of all chunks, one after the other.
 *
 * @param storage file systems
 * @param directory where results go
 */
record MergeStrip(Storage storage, String directory)
    implements Tasks.Work<MergeStrip.Input, MergeStrip.Merged> {

  /**
   * A strip, and where each chunk has it.
   *
   * @param sum number of the matrix among those of the site
   * @param strip number of the strip
   * @param values its values
   * @param first position of the strip's first value in a chunk's file
   * @param files a file for each chunk, in order
   */
  record Input(int sum, int strip, int values, ArrayList<Long> first, ArrayList<String> files)
      implements Serializable {
    private static final long serialVersionUID = 1L;
  }

  /** The file of the merged strip. */
  record Merged(int sum, int strip, String file) implements Serializable {
    private static final long serialVersionUID = 1L;
  }

  @Override
  public Merged apply(Input input, String attempt) throws IOException {
    double[] total = new double[input.values()];
    for (int chunk = 0; chunk < input.files().size(); chunk++) {
      double[] more = read(input, chunk);
      for (int i = 0; i < total.length; i++) {
        total[i] += more[i];
      }
    }
    Path path = new Path(directory, "sum-%d-%d.%s".formatted(input.sum(), input.strip(), attempt));
    try (NumberFiles.Writer file = NumberFiles.create(storage, path)) {
      file.write(total);
      file.commit();
    }
    return new Merged(input.sum(), input.strip(), path.toString());
  }

  private double[] read(Input input, int chunk) throws IOException {
    return NumberFiles.readDoubles(
        storage, new Path(input.files().get(chunk)), input.first().get(chunk), input.values());
  }
}
