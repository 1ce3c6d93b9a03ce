package io.tritmill.jobs.data;

import io.tritmill.jobs.tokenizer.TokenIds;
import java.util.Optional;
import java.util.function.Predicate;
import org.apache.arrow.memory.ArrowBuf;
import org.apache.arrow.vector.BaseIntVector;
import org.apache.arrow.vector.BaseLargeVariableWidthVector;
import org.apache.arrow.vector.BaseVariableWidthVector;
import org.apache.arrow.vector.BitVector;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.LargeVarCharVector;
import org.apache.arrow.vector.NullVector;
import org.apache.arrow.vector.ValueVector;
import org.apache.arrow.vector.VarCharVector;
import org.apache.arrow.vector.ViewVarCharVector;
import org.apache.arrow.vector.complex.FixedSizeListVector;
import org.apache.arrow.vector.complex.LargeListVector;
import org.apache.arrow.vector.complex.ListVector;
import org.apache.arrow.vector.dictionary.DictionaryProvider;
import org.apache.arrow.vector.types.pojo.DictionaryEncoding;

/**
 * A column whose rows are documents.
 *
 * <p>Offsets are read here and not through the vectors' own accessors, which take memory for any
 * length that two offsets make. Values outside their buffers are an {@link
 * IllegalArgumentException} or an {@link IndexOutOfBoundsException}.
 */
abstract class ArrowColumn {
  private static final int VIEW_BYTES = 16;
  private static final int INLINE_BYTES = 12;

  private final ValueVector vector;

  private ArrowColumn(ValueVector vector) {
    this.vector = vector;
  }

  /** The column as documents, or empty if its type is neither strings nor lists of integers. */
  static Optional<ArrowColumn> of(FieldVector vector, DictionaryProvider dictionaries) {
    DictionaryEncoding encoding = vector.getField().getDictionary();
    if (encoding != null) {
      ValueVector values = dictionaries.lookup(encoding.getId()).getVector();
      return vector instanceof BaseIntVector indices
          ? texts(values).map(texts -> new Encoded(vector, indices, texts))
          : Optional.empty();
    }
    return texts(vector).or(() -> tokens(vector, ArrowColumn::integers)).or(() -> nulls(vector));
  }

  /** The column as lists of 0 and 1, or empty if its type is another. */
  static Optional<ArrowColumn> mask(FieldVector vector) {
    return tokens(vector, values -> integers(values) || values instanceof BitVector);
  }

  private static Optional<ArrowColumn> texts(ValueVector vector) {
    return Optional.ofNullable(
        switch (vector) {
          case VarCharVector strings -> new Strings(strings);
          case LargeVarCharVector strings -> new LargeStrings(strings);
          case ViewVarCharVector strings -> new Views(strings);
          default -> null;
        });
  }

  /** The column as nothing, or empty if its type is another. */
  static Optional<ArrowColumn> nulls(FieldVector vector) {
    return vector instanceof NullVector ? Optional.of(new Nulls(vector)) : Optional.empty();
  }

  private static Optional<ArrowColumn> tokens(FieldVector vector, Predicate<ValueVector> elements) {
    return Optional.ofNullable(
        switch (vector) {
          case ListVector lists when elements.test(lists.getDataVector()) -> new Lists(lists);
          case LargeListVector lists when elements.test(lists.getDataVector()) ->
              new LargeLists(lists);
          case FixedSizeListVector lists when elements.test(lists.getDataVector()) ->
              new FixedLists(lists);
          default -> null;
        });
  }

  private static boolean integers(ValueVector vector) {
    return vector instanceof BaseIntVector && vector.getField().getDictionary() == null;
  }

  /** Whether its documents are texts. */
  final boolean holdsTexts() {
    return this instanceof Texts;
  }

  /** Rows in the batch that is loaded. */
  final int rows() {
    return vector.getValueCount();
  }

  /** A row of the batch that is loaded. */
  final Document document(int row) {
    return vector.isNull(row) ? empty() : value(row);
  }

  abstract Document empty();

  abstract Document value(int row);

  /** Whether a row of the batch that is loaded is null. */
  final boolean isNull(int row) {
    return vector.isNull(row);
  }

  /** A column of which no row holds anything, and which so has no type. */
  private static final class Nulls extends ArrowColumn {
    Nulls(ValueVector vector) {
      super(vector);
    }

    @Override
    Document empty() {
      return Document.UNKNOWN;
    }

    @Override
    Document value(int row) {
      return Document.UNKNOWN;
    }
  }

  private abstract static class Texts extends ArrowColumn {
    Texts(ValueVector vector) {
      super(vector);
    }

    @Override
    Document empty() {
      return new Document.Text("");
    }

    static Document text(ArrowBuf buffer, long start, long end) {
      requireRange(start, end, buffer.capacity());
      byte[] bytes = new byte[(int) (end - start)];
      buffer.getBytes(start, bytes);
      return new Document.Text(Utf8.decode(bytes));
    }
  }

  private static final class Strings extends Texts {
    private final BaseVariableWidthVector vector;

    Strings(BaseVariableWidthVector vector) {
      super(vector);
      this.vector = vector;
    }

    @Override
    Document value(int row) {
      ArrowBuf offsets = vector.getOffsetBuffer();
      return text(
          vector.getDataBuffer(),
          offsets.getInt((long) row * Integer.BYTES),
          offsets.getInt((row + 1L) * Integer.BYTES));
    }
  }

  private static final class LargeStrings extends Texts {
    private final BaseLargeVariableWidthVector vector;

    LargeStrings(BaseLargeVariableWidthVector vector) {
      super(vector);
      this.vector = vector;
    }

    @Override
    Document value(int row) {
      ArrowBuf offsets = vector.getOffsetBuffer();
      return text(
          vector.getDataBuffer(),
          offsets.getLong((long) row * Long.BYTES),
          offsets.getLong((row + 1L) * Long.BYTES));
    }
  }

  /** Strings of at most 12 bytes in place, longer ones as buffer and offset. */
  private static final class Views extends Texts {
    private final ViewVarCharVector vector;

    Views(ViewVarCharVector vector) {
      super(vector);
      this.vector = vector;
    }

    @Override
    Document value(int row) {
      ArrowBuf views = vector.getDataBuffer();
      long view = (long) row * VIEW_BYTES;
      int length = views.getInt(view);
      if (length >= 0 && length <= INLINE_BYTES) {
        return text(views, view + Integer.BYTES, view + Integer.BYTES + length);
      }
      int buffer = views.getInt(view + 2 * Integer.BYTES);
      int start = views.getInt(view + 3 * Integer.BYTES);
      return text(vector.getDataBuffers().get(buffer), start, (long) start + length);
    }
  }

  private static final class Encoded extends Texts {
    private final BaseIntVector indices;
    private final ArrowColumn values;

    Encoded(ValueVector vector, BaseIntVector indices, ArrowColumn values) {
      super(vector);
      this.indices = indices;
      this.values = values;
    }

    @Override
    Document value(int row) {
      long index = indices.getValueAsLong(row);
      if (index < 0 || index >= values.rows()) {
        throw new IllegalArgumentException(
            "entry %d of a dictionary of %d".formatted(index, values.rows()));
      }
      return values.document((int) index);
    }
  }

  private abstract static class Tokens extends ArrowColumn {
    Tokens(ValueVector vector) {
      super(vector);
    }

    @Override
    Document empty() {
      return new Document.Tokens(new int[0]);
    }

    static Document tokens(ValueVector values, long start, long end) {
      requireRange(start, end, values.getValueCount());
      int[] ids = new int[(int) (end - start)];
      for (int i = 0; i < ids.length; i++) {
        int position = (int) start + i;
        if (values.isNull(position)) {
          throw new IllegalArgumentException("a null among token ids");
        }
        ids[i] =
            values instanceof BitVector bits
                ? bits.get(position)
                : TokenIds.exact(((BaseIntVector) values).getValueAsLong(position));
      }
      return new Document.Tokens(ids);
    }
  }

  private static final class Lists extends Tokens {
    private final ListVector vector;

    Lists(ListVector vector) {
      super(vector);
      this.vector = vector;
    }

    @Override
    Document value(int row) {
      ArrowBuf offsets = vector.getOffsetBuffer();
      return tokens(
          vector.getDataVector(),
          offsets.getInt((long) row * Integer.BYTES),
          offsets.getInt((row + 1L) * Integer.BYTES));
    }
  }

  private static final class LargeLists extends Tokens {
    private final LargeListVector vector;

    LargeLists(LargeListVector vector) {
      super(vector);
      this.vector = vector;
    }

    @Override
    Document value(int row) {
      ArrowBuf offsets = vector.getOffsetBuffer();
      return tokens(
          vector.getDataVector(),
          offsets.getLong((long) row * Long.BYTES),
          offsets.getLong((row + 1L) * Long.BYTES));
    }
  }

  private static final class FixedLists extends Tokens {
    private final FixedSizeListVector vector;

    FixedLists(FixedSizeListVector vector) {
      super(vector);
      this.vector = vector;
    }

    @Override
    Document value(int row) {
      long size = vector.getListSize();
      return tokens(vector.getDataVector(), row * size, (row + 1) * size);
    }
  }

  private static void requireRange(long start, long end, long limit) {
    if (start < 0 || end < start || end > limit || end - start > Integer.MAX_VALUE - 8) {
      throw new IllegalArgumentException("a row from %d to %d of %d".formatted(start, end, limit));
    }
  }
}
