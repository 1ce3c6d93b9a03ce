package io.tritmill.jobs.inspect;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.tritmill.jobs.failure.Printable;
import io.tritmill.jobs.progress.Progress;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * What is in a file or folder, to be printed as text or as JSON.
 *
 * @param path what was inspected
 * @param format what it turned out to be
 * @param summary facts by name, in the order to print them: strings, numbers, lists or maps
 * @param tables what there are several of
 */
public record Inspection(
    String path, String format, Map<String, Object> summary, List<Table> tables) {
  private static final ObjectMapper MAPPER = new ObjectMapper();
  private static final int CELL = 72;
  private static final int LINE = 400;

  public Inspection {
    summary = Collections.unmodifiableMap(new LinkedHashMap<>(summary));
    tables = List.copyOf(tables);
  }

  /**
   * Rows of one kind.
   *
   * @param name of the kind
   * @param columns names, one for each element of a row
   * @param rows strings, numbers or lists
   */
  public record Table(String name, List<String> columns, List<List<Object>> rows) {
    public Table {
      for (List<Object> row : rows) {
        if (row.size() != columns.size()) {
          throw new IllegalArgumentException(
              "%s: a row of %d, expected %s".formatted(name, row.size(), columns));
        }
      }
    }
  }

  /** For people: facts, then tables with aligned columns; names are made printable. */
  public String text() {
    StringBuilder out = new StringBuilder();
    line(out, "path", path);
    line(out, "format", format);
    summary.forEach((name, value) -> line(out, label(name), shown(name, value)));
    tables.stream().filter(table -> !table.rows().isEmpty()).forEach(table -> append(out, table));
    return out.toString().stripTrailing();
  }

  /** For programs: one object with {@code path}, {@code format}, the facts, and a list a table. */
  public String json() {
    Map<String, Object> object = new LinkedHashMap<>();
    object.put("path", path);
    object.put("format", format);
    object.putAll(summary);
    tables.forEach(table -> object.put(table.name(), objects(table)));
    try {
      return MAPPER.writeValueAsString(object);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("Facts are strings, numbers, lists and maps", e);
    }
  }

  private static List<Map<String, Object>> objects(Table table) {
    return table.rows().stream()
        .map(
            row -> {
              Map<String, Object> object = new LinkedHashMap<>();
              for (int i = 0; i < row.size(); i++) {
                object.put(table.columns().get(i), row.get(i));
              }
              return object;
            })
        .toList();
  }

  private static void line(StringBuilder out, String name, String value) {
    out.append("%-16s %s%n".formatted(Printable.of(name), Printable.of(value, LINE)));
  }

  /** The name of a fact as people write it: {@code tensors_count} are tensors. */
  private static String label(String name) {
    return name.replaceFirst("_count$", "").replace('_', ' ');
  }

  /**
   * A fact as people write it: whole numbers with commas, bytes with a unit, maps without braces.
   */
  private static String shown(String name, Object value) {
    return switch (value) {
      case Long bytes when name.startsWith("bytes") -> Progress.bytes(bytes);
      case Long number -> String.format(Locale.ROOT, "%,d", number);
      case Integer number -> String.format(Locale.ROOT, "%,d", number);
      case Map<?, ?> map ->
          map.entrySet().stream().map(Inspection::entry).collect(Collectors.joining(", "));
      case List<?> list -> list.stream().map(String::valueOf).collect(Collectors.joining(", "));
      default -> String.valueOf(value);
    };
  }

  private static String entry(Map.Entry<?, ?> entry) {
    String joint = entry.getValue() instanceof Number ? " x " : " = ";
    return entry.getKey() + joint + entry.getValue();
  }

  private static void append(StringBuilder out, Table table) {
    List<List<String>> rows = table.rows().stream().map(row -> cells(table, row)).toList();
    int columns = table.columns().size();
    int[] widths = new int[columns];
    boolean[] numeric = new boolean[columns];
    for (int i = 0; i < columns; i++) {
      widths[i] = table.columns().get(i).length();
      numeric[i] = true;
      for (List<Object> row : table.rows()) {
        numeric[i] &= row.get(i) instanceof Number;
      }
      for (List<String> row : rows) {
        widths[i] = Math.max(widths[i], row.get(i).length());
      }
    }
    out.append(System.lineSeparator());
    append(out, table.columns(), numeric, widths);
    rows.forEach(row -> append(out, row, numeric, widths));
  }

  private static List<String> cells(Table table, List<Object> row) {
    List<String> cells = new ArrayList<>();
    for (int i = 0; i < row.size(); i++) {
      Object value = row.get(i);
      String text =
          value instanceof Long bytes && table.columns().get(i).equals("bytes")
              ? Progress.bytes(bytes)
              : String.valueOf(value);
      cells.add(Printable.of(text, CELL));
    }
    return cells;
  }

  /** One line; columns of numbers stand to the right. */
  private static void append(
      StringBuilder out, List<String> cells, boolean[] numeric, int[] widths) {
    StringBuilder line = new StringBuilder();
    for (int i = 0; i < cells.size(); i++) {
      String cell = cells.get(i);
      String padding = " ".repeat(widths[i] - cell.length());
      line.append(i == 0 ? "" : "  ");
      line.append(numeric[i] ? padding + cell : cell + padding);
    }
    out.append(line.toString().stripTrailing()).append(System.lineSeparator());
  }
}
