package io.tritmill.jobs.calibrate;

import io.tritmill.jobs.calibrate.stream.NumberFiles;
import io.tritmill.jobs.storage.Storage;
import io.tritmill.kernels.linalg.Gram;
import io.tritmill.kernels.linalg.Strip;
import io.tritmill.kernels.model.Rotations;
import io.tritmill.kernels.simd.ColumnProducts;
import io.tritmill.kernels.tensor.Matrix;
import java.io.IOException;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import org.apache.hadoop.fs.Path;

/**
 * Where the loss's curvature in the last residual stream lies.
 *
 * @param tokens tokens that were summed
 * @param hidden width of the stream
 * @param files the file of each strip
 */
record LastStream(long tokens, int hidden, ArrayList<String> files) implements Serializable {
  private static final long serialVersionUID = 1L;

  /**
   * The mean M over tokens, in the basis of the blocks: Q M Q' for a rotation Q.
   *
   * @param rotations of the blocks
   * @return (hidden, hidden)
   */
  Matrix read(Storage storage, Rotations rotations) throws IOException {
    Matrix m = read(storage);
    rotations.enter(hidden, m.values()); // M Q'
    transpose(m.values()); // Q M
    rotations.enter(hidden, m.values());
    return m;
  }

  private void transpose(float[] square) {
    for (int i = 0; i < hidden; i++) {
      for (int j = 0; j < i; j++) {
        float above = square[j * hidden + i];
        square[j * hidden + i] = square[i * hidden + j];
        square[i * hidden + j] = above;
      }
    }
  }

  private Matrix read(Storage storage) throws IOException {
    List<Strip> strips = new ArrayList<>();
    for (int s = 0; s < files.size(); s++) {
      int first = s * ColumnProducts.STRIP;
      int width = ColumnProducts.stripColumns(hidden, s);
      int rows = first + width;
      double[] values = NumberFiles.readDoubles(storage, new Path(files.get(s)), rows * width);
      strips.add(new Strip(first, width, rows, values));
    }
    return Gram.of(hidden, tokens, strips).toMatrix(1.0 / tokens);
  }
}
