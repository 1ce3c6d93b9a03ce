package io.tritmill.jobs.gguf;

import io.tritmill.jobs.tensor.Gathered.Run;
import io.tritmill.jobs.tensor.Gathered.Section;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;

/**
 * Which row of which source each row of a tensor is: all rows of the first source as they are, or
 * by pieces that repeat, so that it is as small for many rows as for few.
 *
 * @param pieces that cover every row once; none where rows stay as they are
 */
public record RowOrder(List<Piece> pieces) implements Serializable {
  private static final long serialVersionUID = 1L;

  /** The rows of one tensor as they are. */
  public static final RowOrder AS_IS = new RowOrder(List.of());

  /**
   * Rows that follow each other on both sides, again and again.
   *
   * @param into the first of the rows that are made
   * @param intoStep from there to the first in the next repetition
   * @param source which of the tensors they come from
   * @param from the first of its rows
   * @param fromStep likewise
   * @param rows of a repetition
   * @param repeats how often
   */
  public record Piece(
      long into, long intoStep, int source, long from, long fromStep, long rows, long repeats)
      implements Serializable {
    private static final long serialVersionUID = 1L;

    private boolean has(long row) {
      long at = row - into;
      return at >= 0
          && (repeats == 1 ? at < rows : at / intoStep < repeats && at % intoStep < rows);
    }

    private long inside(long row) {
      return repeats == 1 ? row - into : (row - into) % intoStep;
    }

    private long origin(long row) {
      long repetition = repeats == 1 ? 0 : (row - into) / intoStep;
      return from + repetition * fromStep + inside(row);
    }
  }

  public RowOrder {
    pieces = List.copyOf(pieces);
  }

  /** All rows of one source below those of the other. */
  public static RowOrder stacked(int sources, long rowsOfEach) {
    List<Piece> pieces = new ArrayList<>();
    for (int source = 0; source < sources; source++) {
      pieces.add(new Piece(source * rowsOfEach, 0, source, 0, 0, rowsOfEach, 1));
    }
    return new RowOrder(pieces);
  }

  /**
   * The way back from a tensor that was gathered: its rows are those of one of the tensors that it
   * was gathered from.
   *
   * @param sections as it is gathered, a unit being a row
   * @param part which of the tensors
   */
  public static RowOrder back(List<Section> sections, int part) {
    List<Piece> pieces = new ArrayList<>();
    long base = 0;
    for (Section section : sections) {
      long ofOne = section.runs().stream().mapToLong(Run::units).sum();
      long at = base;
      for (Run run : section.runs()) {
        if (run.source() == part) {
          pieces.add(
              new Piece(run.first(), run.step(), 0, at, ofOne, run.units(), section.repeats()));
        }
        at += run.units();
      }
      base += section.repeats() * ofOne;
    }
    return new RowOrder(pieces);
  }

  /** Rows that pieces cover. */
  public long rows() {
    return pieces.stream().mapToLong(piece -> piece.rows() * piece.repeats()).sum();
  }

  /** Whether rows are those of the first source as they are. */
  public boolean isIdentity() {
    return pieces.isEmpty();
  }

  /** The source of a row. */
  public int source(long row) {
    return isIdentity() ? 0 : piece(row).source();
  }

  /** Which row of its source a row is. */
  public long row(long row) {
    return isIdentity() ? row : piece(row).origin(row);
  }

  /** Rows from one on that follow each other in its source: at least 1. */
  public long run(long row) {
    if (isIdentity()) {
      return Long.MAX_VALUE;
    }
    Piece piece = piece(row);
    return piece.rows() - piece.inside(row);
  }

  /** The first of the values that rows of one element each are. */
  public float[] picked(float[] values, int count) {
    float[] picked = new float[count];
    for (int i = 0; i < count; i++) {
      picked[i] = values[(int) row(i)];
    }
    return picked;
  }

  private Piece piece(long row) {
    return pieces.stream()
        .filter(piece -> piece.has(row))
        .findFirst()
        .orElseThrow(() -> new IndexOutOfBoundsException("row " + row + " of " + pieces));
  }
}
