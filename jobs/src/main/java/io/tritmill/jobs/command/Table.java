package io.tritmill.jobs.command;

import java.util.ArrayList;
import java.util.List;

/** A table for a terminal: columns as wide as their widest cell, numbers to the right. */
final class Table {
  private static final String GAP = "  ";

  private final List<String[]> rows = new ArrayList<>();

  Table(String... header) {
    rows.add(header);
  }

  /** Adds a row of as many cells as the header has. */
  Table row(String... cells) {
    if (cells.length != rows.getFirst().length) {
      throw new IllegalArgumentException(
          "Expected %d cells, found %d".formatted(rows.getFirst().length, cells.length));
    }
    rows.add(cells);
    return this;
  }

  @Override
  public String toString() {
    int columns = rows.getFirst().length;
    int[] widths = new int[columns];
    boolean[] numeric = new boolean[columns];
    for (int column = 0; column < columns; column++) {
      widths[column] = width(column);
      numeric[column] = isNumeric(column);
    }
    StringBuilder text = new StringBuilder();
    for (String[] row : rows) {
      for (int column = 0; column < columns; column++) {
        String space = " ".repeat(widths[column] - row[column].length());
        text.append(column == 0 ? "" : GAP)
            .append(numeric[column] ? space : "")
            .append(row[column])
            .append(numeric[column] ? "" : space);
      }
      int end = text.length();
      while (end > 0 && text.charAt(end - 1) == ' ') {
        end--;
      }
      text.setLength(end);
      text.append('\n');
    }
    return text.toString();
  }

  private int width(int column) {
    return Math.max(1, rows.stream().mapToInt(row -> row[column].length()).max().orElse(1));
  }

  private boolean isNumeric(int column) {
    return rows.stream()
        .skip(1)
        .allMatch(row -> row[column].isEmpty() || Character.isDigit(row[column].charAt(0)));
  }
}
