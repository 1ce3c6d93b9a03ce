package io.tritmill.jobs.command;

import java.util.ArrayList;
import java.util.List;

/** A table for a terminal: columns as wide as their widest cell, numbers to the right. */
final class Table {
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
    StringBuilder format = new StringBuilder();
    int columns = rows.getFirst().length;
    for (int column = 0; column < columns; column++) {
      format
          .append(isNumeric(column) ? "%" : "%-")
          .append(width(column))
          .append(column == columns - 1 ? "s" : "s  ");
    }
    StringBuilder text = new StringBuilder();
    for (String[] row : rows) {
      text.append(format.toString().formatted((Object[]) row).stripTrailing()).append('\n');
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
