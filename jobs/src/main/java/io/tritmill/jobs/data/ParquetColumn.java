package io.tritmill.jobs.data;

import io.tritmill.jobs.tokenizer.TokenIds;
import java.util.Optional;
import org.apache.parquet.example.data.Group;
import org.apache.parquet.schema.GroupType;
import org.apache.parquet.schema.LogicalTypeAnnotation;
import org.apache.parquet.schema.PrimitiveType.PrimitiveTypeName;
import org.apache.parquet.schema.Type;

/** How the one column of a Parquet record becomes a document. */
sealed interface ParquetColumn {
  /** The document of a record, of which a field is the column. */
  Document document(Group row, int field);

  /** The column of a field as lists of 0 and 1, or empty if its type is another. */
  static Optional<ParquetColumn> mask(Type field) {
    return tokens(field, true);
  }

  /** The column of a field, or empty if its type is neither strings nor lists of integers. */
  static Optional<ParquetColumn> of(Type field) {
    if (field.isPrimitive() && !field.isRepetition(Type.Repetition.REPEATED)) {
      if (field.getLogicalTypeAnnotation()
          instanceof LogicalTypeAnnotation.UnknownLogicalTypeAnnotation) {
        return Optional.of(new Nulls());
      }
      return name(field) == PrimitiveTypeName.BINARY && text(field.getLogicalTypeAnnotation())
          ? Optional.of(new Strings())
          : Optional.empty();
    }
    return tokens(field, false);
  }

  /** How messages call the type of a field. */
  static String said(Type field) {
    return field.toString().lines().findFirst().orElseThrow();
  }

  private static Optional<ParquetColumn> tokens(Type field, boolean bits) {
    if (field.isPrimitive()) {
      return field.isRepetition(Type.Repetition.REPEATED)
          ? integers(field, bits).map(RepeatedIntegers::new)
          : Optional.empty();
    }
    return field.isRepetition(Type.Repetition.REPEATED)
        ? Optional.empty()
        : list(field.asGroupType(), bits);
  }

  /** Whether bytes are text: those without annotation are, in files of some older writers. */
  private static boolean text(LogicalTypeAnnotation annotation) {
    return annotation == null
        || annotation instanceof LogicalTypeAnnotation.StringLogicalTypeAnnotation
        || annotation instanceof LogicalTypeAnnotation.JsonLogicalTypeAnnotation
        || annotation instanceof LogicalTypeAnnotation.EnumLogicalTypeAnnotation;
  }

  /** Lists of three levels (list, element) and of two, as older writers make them. */
  private static Optional<ParquetColumn> list(GroupType list, boolean bits) {
    if (list.getFieldCount() != 1 || !list.getType(0).isRepetition(Type.Repetition.REPEATED)) {
      return Optional.empty();
    }
    Type repeated = list.getType(0);
    if (repeated.isPrimitive()) {
      return integers(repeated, bits).map(type -> new Lists(new RepeatedIntegers(type)));
    }
    GroupType entry = repeated.asGroupType();
    return entry.getFieldCount() == 1 && entry.getType(0).isPrimitive()
        ? integers(entry.getType(0), bits).map(NestedLists::new)
        : Optional.empty();
  }

  /** How integers are stored, or empty if the type is no integer. */
  private static Optional<PrimitiveTypeName> integers(Type type, boolean bits) {
    LogicalTypeAnnotation annotation = type.getLogicalTypeAnnotation();
    boolean plain =
        annotation == null || annotation instanceof LogicalTypeAnnotation.IntLogicalTypeAnnotation;
    if (!plain || type.isRepetition(Type.Repetition.REPEATED) && !type.isPrimitive()) {
      return Optional.empty();
    }
    return switch (name(type)) {
      case INT32, INT64 -> Optional.of(name(type));
      case BOOLEAN -> bits ? Optional.of(name(type)) : Optional.empty();
      case BINARY, FLOAT, DOUBLE, INT96, FIXED_LEN_BYTE_ARRAY -> Optional.empty();
    };
  }

  private static PrimitiveTypeName name(Type type) {
    return type.asPrimitiveType().getPrimitiveTypeName();
  }

  private static int integer(Group group, int field, int index, PrimitiveTypeName type) {
    return switch (type) {
      case INT64 -> TokenIds.exact(group.getLong(field, index));
      case BOOLEAN -> group.getBoolean(field, index) ? 1 : 0;
      default -> group.getInteger(field, index);
    };
  }

  /** A column of which no row holds anything, and which so has no type. */
  record Nulls() implements ParquetColumn {
    @Override
    public Document document(Group row, int field) {
      return Document.UNKNOWN;
    }
  }

  /** Strings. */
  record Strings() implements ParquetColumn {
    @Override
    public Document document(Group row, int field) {
      return row.getFieldRepetitionCount(field) == 0
          ? new Document.Text("")
          : new Document.Text(Utf8.decode(row.getBinary(field, 0).getBytesUnsafe()));
    }
  }

  /** A repeated integer, without a list around it. */
  record RepeatedIntegers(PrimitiveTypeName type) implements ParquetColumn {
    @Override
    public Document document(Group row, int field) {
      int[] ids = new int[row.getFieldRepetitionCount(field)];
      for (int i = 0; i < ids.length; i++) {
        ids[i] = integer(row, field, i, type);
      }
      return new Document.Tokens(ids);
    }
  }

  /** A list whose elements are repeated themselves. */
  record Lists(RepeatedIntegers integers) implements ParquetColumn {
    @Override
    public Document document(Group row, int field) {
      return row.getFieldRepetitionCount(field) == 0
          ? new Document.Tokens(new int[0])
          : integers.document(row.getGroup(field, 0), 0);
    }
  }

  /** A list whose elements stand in a repeated group. */
  record NestedLists(PrimitiveTypeName type) implements ParquetColumn {
    @Override
    public Document document(Group row, int field) {
      if (row.getFieldRepetitionCount(field) == 0) {
        return new Document.Tokens(new int[0]);
      }
      Group list = row.getGroup(field, 0);
      int[] ids = new int[list.getFieldRepetitionCount(0)];
      for (int i = 0; i < ids.length; i++) {
        Group entry = list.getGroup(0, i);
        if (entry.getFieldRepetitionCount(0) == 0) {
          throw new IllegalArgumentException("a null among token ids");
        }
        ids[i] = integer(entry, 0, 0, type);
      }
      return new Document.Tokens(ids);
    }
  }
}
