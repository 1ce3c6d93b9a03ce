package io.tritmill.kernels.code;

import io.tritmill.kernels.tensor.SuperBlock;
import java.util.List;
import java.util.Objects;

/**
 * A matrix in ggml's blocks, which it is worked on in as it is stored.
 *
 * @param rows rows
 * @param columns columns, whole blocks of them
 * @param levels the type of the blocks
 * @param bytes blocks of each row, row after row
 */
public record Blocks(int rows, int columns, BlockLevels levels, byte[] bytes)
    implements Coded, PackedMatrix {
  private static final int EXPONENT = 0x7c00;

  /**
   * Checks the sizes.
   *
   * @throws IllegalArgumentException if the bytes do not fit the shape, or a scale is NaN or
   *     infinite
   */
  public Blocks {
    if (rows < 0 || columns < 1) {
      throw new IllegalArgumentException(
          "A tensor has at least 0 rows and 1 column, found %d x %d".formatted(rows, columns));
    }
    Piece piece = levels.pieces(rows, columns).getFirst();
    if (bytes.length != piece.bytes()) {
      throw new IllegalArgumentException(
          "The blocks of shape %s need %d bytes, found %d"
              .formatted(piece.shape(), piece.bytes(), bytes.length));
    }
    for (int at = levels.scaleOffset(); at < bytes.length; at += levels.type().blockBytes()) {
      requireFinite(bytes, at);
      if (levels.hasLeast()) {
        requireFinite(bytes, at + Short.BYTES);
      }
    }
  }

  private static void requireFinite(byte[] bytes, int at) {
    if ((half(bytes, at) & EXPONENT) == EXPONENT) {
      throw new IllegalArgumentException(
          "Found the scale %s at byte %d of the blocks, expected a finite one"
              .formatted(Float.float16ToFloat(half(bytes, at)), at));
    }
  }

  private static short half(byte[] bytes, int at) {
    return (short) (bytes[at] & 0xff | bytes[at + 1] << Byte.SIZE);
  }

  /** Writes a block of a row, which is still zeros. */
  public void put(int row, int block, SuperBlock fields) {
    fields.write(levels.type(), bytes, at(row, block));
  }

  private int at(int row, int block) {
    Objects.checkIndex(row, rows);
    int perRow = columns / levels.block();
    return (row * perRow + Objects.checkIndex(block, perRow)) * levels.type().blockBytes();
  }

  private float scale(int row, int block) {
    return Float.float16ToFloat(half(bytes, at(row, block) + levels.scaleOffset()));
  }

  @Override
  public Blocks pack() {
    return this;
  }

  @Override
  public List<byte[]> pieces() {
    return List.of(bytes);
  }

  @Override
  public void takeRow(Coded other, int row) {
    int rowBytes = levels.rowBytes(columns);
    System.arraycopy(((Blocks) other).bytes, row * rowBytes, bytes, row * rowBytes, rowBytes);
  }

  /** Of runs whose own scales are zero others of their block tell that there was one to have. */
  @Override
  public boolean zero(int row, int group) {
    int block = group / levels.runs();
    int least = at(row, block) + levels.scaleOffset() + Short.BYTES;
    return scale(row, block) == 0
        && (!levels.hasLeast() || Float.float16ToFloat(half(bytes, least)) == 0);
  }

  @Override
  public List<TritCounts> tritCounts() {
    return List.of();
  }

  /** Of the scales of blocks. */
  @Override
  public ScaleStatistics scaleStatistics() {
    int perRow = columns / levels.block();
    float[] scales = new float[rows * perRow];
    for (int i = 0; i < scales.length; i++) {
      scales[i] = scale(i / perRow, i % perRow);
    }
    return ScaleStatistics.of(scales);
  }

  /** There is none that stands for no level. */
  @Override
  public void requireCodes() {}

  @Override
  public void decode(int firstRow, int count, float[] into, int at) {
    Objects.checkFromIndexSize(firstRow, count, rows);
    int rowBytes = levels.rowBytes(columns);
    levels.type().decode(bytes, firstRow * rowBytes, into, at, Math.multiplyExact(count, columns));
  }
}
