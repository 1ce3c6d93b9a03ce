package io.tritmill.kernels.simd.product;

import io.tritmill.kernels.simd.RowSource;
import java.util.Objects;

/** Some of the rows of a source. */
public record RowRange(RowSource source, int first, int rows) implements RowSource {
  @Override
  public int columns() {
    return source.columns();
  }

  @Override
  public void decode(int firstRow, int count, float[] into, int at) {
    Objects.checkFromIndexSize(firstRow, count, rows);
    source.decode(first + firstRow, count, into, at);
  }
}
