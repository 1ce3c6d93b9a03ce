package io.tritmill.jobs.calibrate;

import io.tritmill.jobs.model.LazyRows;
import io.tritmill.jobs.model.SharedMatrices;
import io.tritmill.jobs.storage.Storage;
import io.tritmill.kernels.code.Levels;
import io.tritmill.kernels.code.PackedMatrix;
import io.tritmill.kernels.tensor.WeightRows;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import org.apache.hadoop.fs.Path;

/**
 * A layer that was compressed already, as parts of a run that is still going on.
 *
 * @param tensor name of its weight
 * @param columns columns of the matrix
 * @param levels what its codes stand for
 * @param bands its parts, from the first row to the last
 */
public record SolvedLayer(String tensor, int columns, Levels levels, ArrayList<Band> bands)
    implements Serializable {
  private static final long serialVersionUID = 1L;
  private static final int MAX_PART = Integer.MAX_VALUE - 8;

  /**
   * A part file.
   *
   * @param file where it lies
   * @param rows rows in it
   */
  public record Band(String file, int rows) implements Serializable {
    private static final long serialVersionUID = 1L;
  }

  /** All of it, read when it is needed first, once in a job. */
  WeightRows open(Storage storage, SharedMatrices shared) {
    int rows = bands.stream().mapToInt(Band::rows).sum();
    return new LazyRows(
        rows, columns, () -> shared.get(bands.getFirst().file(), () -> read(storage)));
  }

  private WeightRows read(Storage storage) {
    List<PackedMatrix> tensors = new ArrayList<>();
    bands.forEach(band -> tensors.add(read(storage, band)));
    return tensors.size() == 1 ? tensors.getFirst() : new Stacked(tensors, columns);
  }

  /** One band of it. */
  PackedMatrix read(Storage storage, Band band) {
    return levels.packed(band.rows(), columns, storage.read(new Path(band.file()), MAX_PART));
  }

  /** Bands of rows as one matrix. */
  private record Stacked(List<PackedMatrix> bands, int columns) implements WeightRows {
    @Override
    public int rows() {
      return bands.stream().mapToInt(PackedMatrix::rows).sum();
    }

    @Override
    public void decode(int firstRow, int count, float[] into, int at) {
      int begin = 0;
      for (PackedMatrix band : bands) {
        int from = Math.max(firstRow, begin);
        int to = Math.min(firstRow + count, begin + band.rows());
        if (from < to) {
          band.decode(from - begin, to - from, into, at + (from - firstRow) * columns);
        }
        begin += band.rows();
      }
    }
  }
}
