package io.tritmill.kernels.code;

import java.io.Serializable;

/**
 * The weights that share a scale: a number of columns of one row, a whole row, or a whole tensor.
 *
 * <p>Written in recipes as a number, {@code row} or {@code tensor}. When the number does not divide
 * the row, the last group of the row is shorter.
 */
public record Group(Kind kind, int columns) implements Serializable {
  /** What a group spans. */
  public enum Kind {
    COLUMNS,
    ROW,
    TENSOR
  }

  public static final Group ROW = new Group(Kind.ROW, 0);
  public static final Group TENSOR = new Group(Kind.TENSOR, 0);

  public Group {
    if (kind == Kind.COLUMNS && columns < 1) {
      throw new IllegalArgumentException("A group has at least 1 column, found " + columns);
    }
  }

  /** Groups of so many neighbouring columns. */
  public static Group of(int columns) {
    return new Group(Kind.COLUMNS, columns);
  }

  /**
   * Reads a number, {@code row} or {@code tensor}.
   *
   * @throws IllegalArgumentException if it is none of them
   */
  public static Group parse(String text) {
    return switch (text) {
      case "row" -> ROW;
      case "tensor" -> TENSOR;
      default -> {
        try {
          yield of(Integer.parseInt(text));
        } catch (NumberFormatException e) {
          throw new IllegalArgumentException(
              "A group is a number of columns, row or tensor, found " + text, e);
        }
      }
    };
  }

  /** Columns that share a scale in a row of so many columns. */
  public int width(int rowColumns) {
    return kind == Kind.COLUMNS ? Math.min(columns, rowColumns) : rowColumns;
  }

  /** Groups in a row of so many columns: at least 1. */
  public int perRow(int rowColumns) {
    return Math.ceilDiv(rowColumns, width(rowColumns));
  }

  @Override
  public String toString() {
    return kind == Kind.COLUMNS
        ? Integer.toString(columns)
        : kind.name().toLowerCase(java.util.Locale.ROOT);
  }
}
