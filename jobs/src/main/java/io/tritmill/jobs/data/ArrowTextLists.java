package io.tritmill.jobs.data;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.complex.FixedSizeListVector;
import org.apache.arrow.vector.complex.LargeListVector;
import org.apache.arrow.vector.complex.ListVector;
import org.apache.arrow.vector.dictionary.DictionaryProvider;

/**
 * A column whose rows are lists of texts.
 *
 * <p>A list outside its texts is an {@link IllegalArgumentException} or an {@link
 * IndexOutOfBoundsException}.
 */
final class ArrowTextLists {
  private final FieldVector lists;
  private final ArrowColumn texts;

  private ArrowTextLists(FieldVector lists, ArrowColumn texts) {
    this.lists = lists;
    this.texts = texts;
  }

  /** The column as lists of texts, or empty if its type is another. */
  static Optional<ArrowTextLists> of(FieldVector vector, DictionaryProvider dictionaries) {
    FieldVector elements =
        switch (vector) {
          case ListVector list -> list.getDataVector();
          case LargeListVector list -> list.getDataVector();
          case FixedSizeListVector list -> list.getDataVector();
          default -> null;
        };
    return Optional.ofNullable(elements)
        .flatMap(inside -> ArrowColumn.of(inside, dictionaries))
        .filter(ArrowColumn::holdsTexts)
        .map(inside -> new ArrowTextLists(vector, inside));
  }

  /** Rows in the batch that is loaded. */
  int rows() {
    return lists.getValueCount();
  }

  /** The texts of a row, null where it is null; a text that is null is empty. */
  List<String> row(int row) {
    if (lists.isNull(row)) {
      return null;
    }
    long start = offset(row);
    long end = offset(row + 1);
    if (start < 0 || end < start || end > texts.rows()) {
      throw new IllegalArgumentException(
          "a row from %d to %d of %d".formatted(start, end, texts.rows()));
    }
    List<String> found = new ArrayList<>();
    for (int at = (int) start; at < end; at++) {
      found.add(((Document.Text) texts.document(at)).text());
    }
    return found;
  }

  private long offset(int row) {
    return switch (lists) {
      case ListVector list -> list.getOffsetBuffer().getInt((long) row * Integer.BYTES);
      case LargeListVector list -> list.getOffsetBuffer().getLong((long) row * Long.BYTES);
      default -> (long) row * ((FixedSizeListVector) lists).getListSize();
    };
  }
}
