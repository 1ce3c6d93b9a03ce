package io.tritmill.jobs.calibrate;

import io.tritmill.jobs.calibrate.stream.FileRows;
import io.tritmill.jobs.calibrate.stream.NumberFiles;
import io.tritmill.jobs.failure.BadInputException;
import io.tritmill.jobs.spark.Tasks;
import io.tritmill.jobs.storage.Storage;
import io.tritmill.kernels.linalg.StripSums;
import io.tritmill.kernels.model.Site;
import io.tritmill.kernels.quantize.Need;
import io.tritmill.kernels.simd.ColumnProducts;
import java.io.IOException;
import java.io.Serializable;
import java.util.ArrayList;
import org.apache.hadoop.fs.Path;

/**
 * Makes some strips of one sum over all chunks, one after the other. So the bits depend on the
 * chunks alone, not on who made which strip.
 *
 * @param storage file systems
 * @param directory where results go
 */
record SumStrips(Storage storage, String directory)
    implements Tasks.Work<SumStrips.Input, SumStrips.Summed> {

  /**
   * Strips {@code [first, end)} of a sum.
   *
   * @param index of the sum among those of the site
   * @param where the site is, for messages
   * @param chunks what is summed, in order
   */
  record Input(int index, Sum sum, int first, int end, String where, ArrayList<ChunkInputs> chunks)
      implements Serializable {
    private static final long serialVersionUID = 1L;
  }

  /** The files of the strips. */
  record Summed(int index, int first, ArrayList<String> files) implements Serializable {
    private static final long serialVersionUID = 1L;
  }

  @Override
  public Summed apply(Input input, String attempt) throws IOException {
    Sum sum = input.sum();
    boolean square = sum.metric() != null || sum.need() == Need.GRAM;
    StripSums total =
        square
            ? StripSums.ofSquare(sum.columns(), input.first(), input.end())
            : StripSums.ofProduct(sum.rows(), sum.columns(), input.first(), input.end());
    for (ChunkInputs chunk : input.chunks()) {
      add(sum, chunk, total);
    }
    requireFinite(input, total);
    ArrayList<String> files = new ArrayList<>();
    for (int s = input.first(); s < input.end(); s++) {
      Path path = new Path(directory, "sum-%d-%d.%s".formatted(input.index(), s, attempt));
      try (NumberFiles.Writer file = NumberFiles.create(storage, path)) {
        file.write(total.strip(s).values());
        file.commit();
      }
      files.add(path.toString());
    }
    return new Summed(input.index(), input.first(), files);
  }

  /** Some rows of a file. */
  private record Rows(String file, FileRows rows) {
    NumberFiles.Reader open(Storage storage, int columns) throws IOException {
      return NumberFiles.open(storage, file, rows, columns);
    }
  }

  private void add(Sum sum, ChunkInputs chunk, StripSums total) throws IOException {
    if (sum.metric() != null) {
      String file = chunk.derivatives().of(sum.metric());
      Rows y = new Rows(file, FileRows.all(chunk.derivatives().products()));
      add(sum, y, null, null, total);
      return;
    }
    float[] weights = null;
    if (sum.leastWeight() != 1) {
      Path file = new Path(chunk.weights().get(sum.leastWeight()));
      weights = NumberFiles.readFloats(storage, file, chunk.rows().inFile());
    }
    Site site = sum.site();
    Rows other =
        switch (sum.need()) {
          case GRAM -> null;
          case INPUT_ERROR -> new Rows(chunk.clean(), chunk.rows().cleanOf(site));
          case RESIDUAL_ERROR -> new Rows(chunk.residual(), FileRows.all(chunk.tokens(site)));
          case HELD_OUT, OUTPUT_METRIC, TOKEN_WEIGHTS ->
              throw new IllegalStateException(sum.need() + " is no sum over inputs");
        };
    add(sum, new Rows(chunk.inputs(), chunk.rows().inputsOf(site)), other, weights, total);
  }

  /**
   * @param of Y
   * @param other X, or what Y is subtracted from to make it; null for a square of Y
   * @param weights of all rows of the file
   */
  private void add(Sum sum, Rows of, Rows other, float[] weights, StripSums total)
      throws IOException {
    int tokens = of.rows().count();
    if (tokens == 0) {
      return;
    }
    float[] y = new float[ColumnProducts.CHAIN * sum.columns()];
    float[] x = other == null ? y : new float[ColumnProducts.CHAIN * sum.rows()];
    try (NumberFiles.Reader ys = of.open(storage, sum.columns());
        NumberFiles.Reader xs = other == null ? null : other.open(storage, sum.rows())) {
      for (int token = 0; token < tokens; token += ColumnProducts.CHAIN) {
        int count = Math.min(ColumnProducts.CHAIN, tokens - token);
        ys.read(y, count * sum.columns());
        if (xs != null) {
          xs.read(x, count * sum.rows());
        }
        if (sum.need() == Need.INPUT_ERROR) {
          for (int i = 0; i < count * sum.columns(); i++) {
            x[i] -= y[i];
          }
        }
        total.add(count, x, y, weights, of.rows().first() + token);
      }
    }
  }

  private static void requireFinite(Input input, StripSums total) {
    int column = input.sum().need() == Need.GRAM ? total.firstNonFiniteColumn() : -1;
    if (column >= 0) {
      throw BadInputException.broken(
          "%s: input %d of %s is NaN or infinite on calibration data; its activations overflow,"
              + " so a weight before it cannot be right",
          input.where(), column, input.sum().site().name());
    }
  }
}
