package io.tritmill.jobs.export;

import io.tritmill.jobs.storage.Storage;
import io.tritmill.jobs.tensor.TensorInfo;
import io.tritmill.jobs.tensor.TensorReader;
import io.tritmill.kernels.tensor.DType;
import io.tritmill.kernels.tensor.WeightRows;

/** A matrix of a model: a whole tensor, or one of a stacked one. */
sealed interface FamilyMatrix {
  /** Rows that it has. */
  long rows();

  /** Columns that it has. */
  int columns();

  /** Reads the whole of it. */
  WeightRows read(Storage storage);

  /**
   * One whose codes are packed.
   *
   * @param layer its codes
   */
  record Packed(Layer layer) implements FamilyMatrix {
    @Override
    public long rows() {
      return layer.rows();
    }

    @Override
    public int columns() {
      return layer.columns();
    }

    @Override
    public WeightRows read(Storage storage) {
      return layer.read();
    }
  }

  /**
   * One that is kept as it was; a vector is a single row.
   *
   * @param tensor that it is
   */
  record Kept(TensorInfo tensor) implements FamilyMatrix {
    /** The type of its numbers. */
    DType type() {
      return DType.of(tensor.dtype()).orElse(DType.F32);
    }

    @Override
    public long rows() {
      return tensor.rows();
    }

    @Override
    public int columns() {
      return Math.toIntExact(tensor.columns());
    }

    @Override
    public WeightRows read(Storage storage) {
      try (TensorReader reader = new TensorReader(storage)) {
        return reader.encoded(tensor);
      }
    }

    /** Reads some rows. */
    WeightRows rows(Storage storage, long first, int count) {
      try (TensorReader reader = new TensorReader(storage)) {
        return reader.rows(tensor, Math.toIntExact(first), count);
      }
    }
  }
}
