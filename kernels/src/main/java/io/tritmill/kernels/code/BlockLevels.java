package io.tritmill.kernels.code;

import io.tritmill.kernels.tensor.BlockType;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * The levels of ggml's K-quants: blocks of 256 columns in runs, whose scales are small integers
 * times one scale in half precision; and of its blocks of 32 columns, which are one run. A matrix
 * is stored as these blocks, ready for a GGUF file.
 *
 * <p>With least values {@code w = d s q - dmin m}, without {@code w = d s (q - zero)}, where s and
 * m belong to a run, d and dmin to a block, and q is the code. Of a block that is one run s and m
 * are 1, and dmin has either sign.
 */
public enum BlockLevels implements Levels {
  Q4_1(BlockType.Q4_1, 32, 4, true, 0, 1, 0),
  Q5_1(BlockType.Q5_1, 32, 5, true, 0, 1, 0),
  Q2_K(BlockType.Q2_K, 16, 2, true, 0, 15, 80),
  Q3_K(BlockType.Q3_K, 16, 3, false, -32, 31, 108),
  Q4_K(BlockType.Q4_K, 32, 4, true, 0, 63, 0),
  Q5_K(BlockType.Q5_K, 32, 5, true, 0, 63, 0),
  Q6_K(BlockType.Q6_K, 16, 6, false, -128, 127, 208);

  /** Appended to the name of a matrix for its blocks. */
  public static final String BLOCKS = ".blocks";

  private final BlockType type;
  private final int width;
  private final int bits;
  private final boolean least;
  private final int lowestScale;
  private final int highestScale;
  private final int scaleOffset;

  BlockLevels(
      BlockType type,
      int width,
      int bits,
      boolean least,
      int lowestScale,
      int highestScale,
      int scaleOffset) {
    this.type = type;
    this.width = width;
    this.bits = bits;
    this.least = least;
    this.lowestScale = lowestScale;
    this.highestScale = highestScale;
    this.scaleOffset = scaleOffset;
  }

  /**
   * The levels of a type of blocks.
   *
   * @throws IllegalArgumentException if they are not made of codes here
   */
  public static BlockLevels of(String type) {
    for (BlockLevels levels : values()) {
      if (levels.name().equals(type)) {
        return levels;
      }
    }
    throw new IllegalArgumentException(
        "blocks is one of %s, found %s".formatted(List.of(values()), type));
  }

  /** How blocks lie in bytes. */
  public BlockType type() {
    return type;
  }

  /** Columns of a block. */
  public int block() {
    return type.blockElements();
  }

  /** Columns of a run. */
  public int width() {
    return width;
  }

  /** Runs of a block. */
  public int runs() {
    return block() / width;
  }

  /** Whether a block is one run, whose scale and least value are its own. */
  public boolean single() {
    return runs() == 1;
  }

  /** Whether runs have a least value instead of a zero in their middle. */
  public boolean hasLeast() {
    return least;
  }

  /** The largest code. */
  public int top() {
    return (1 << bits) - 1;
  }

  /** The code of zero, where runs have no least value. */
  public int zero() {
    return least ? 0 : 1 << bits - 1;
  }

  /** The smallest scale of a run, in multiples of that of its block. */
  public int lowestScale() {
    return lowestScale;
  }

  /** The largest, and the largest least value where there is one. */
  public int highestScale() {
    return highestScale;
  }

  /** Where a block has its scale, and its other one behind it where there are least values. */
  int scaleOffset() {
    return scaleOffset;
  }

  @Override
  public Group group() {
    return Group.of(width);
  }

  @Override
  public String codeType() {
    return name().toLowerCase(Locale.ROOT);
  }

  @Override
  public int codeBytes() {
    return 1;
  }

  @Override
  public Optional<String> refusal(int columns) {
    return columns % block() == 0
        ? Optional.empty()
        : Optional.of(
            "%s has blocks of %d columns, found rows of %d"
                .formatted(codeType(), block(), columns));
  }

  /** Bytes of a row. */
  int rowBytes(int columns) {
    refusal(columns)
        .ifPresent(
            reason -> {
              throw new IllegalArgumentException(reason);
            });
    return Math.toIntExact(type.bytes(columns));
  }

  @Override
  public List<Piece> pieces(int rows, int columns) {
    int rowBytes = rowBytes(columns);
    return List.of(
        new Piece(
            BLOCKS, "U8", List.of((long) rows, (long) rowBytes), (long) rows * rowBytes, 1, false));
  }

  @Override
  public Blocks zeros(int rows, int columns) {
    return new Blocks(rows, columns, this, new byte[Math.multiplyExact(rows, rowBytes(columns))]);
  }

  @Override
  public Packer packer(int rows, int columns) {
    return new BlockPacker(zeros(rows, columns));
  }

  @Override
  public Blocks packed(int rows, int columns, List<byte[]> stored) {
    return new Blocks(rows, columns, this, stored.getFirst());
  }
}
