package io.tritmill.jobs.model;

import io.tritmill.kernels.tensor.WeightRows;
import java.util.function.Supplier;

/**
 * A matrix that is read when its first row is asked for: a pass over part of a block reads that
 * part.
 */
public final class LazyRows implements WeightRows {
  private final int rows;
  private final int columns;
  private final Supplier<WeightRows> source;
  private WeightRows read;

  /**
   * A matrix that is not read yet.
   *
   * @param source reads it; called once at most
   */
  public LazyRows(int rows, int columns, Supplier<WeightRows> source) {
    this.rows = rows;
    this.columns = columns;
    this.source = source;
  }

  @Override
  public int rows() {
    return rows;
  }

  @Override
  public int columns() {
    return columns;
  }

  @Override
  public void decode(int firstRow, int count, float[] into, int at) {
    read().decode(firstRow, count, into, at);
  }

  private synchronized WeightRows read() {
    if (read == null) {
      read = source.get();
    }
    return read;
  }
}
