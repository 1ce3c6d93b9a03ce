package io.tritmill.jobs.data;

import java.util.Optional;
import org.apache.parquet.example.data.Group;
import org.apache.parquet.schema.GroupType;
import org.apache.parquet.schema.LogicalTypeAnnotation;
import org.apache.parquet.schema.PrimitiveType.PrimitiveTypeName;
import org.apache.parquet.schema.Type;

/** How the one column of a Parquet record becomes a document. */
sealed interface ParquetColumn {
  /** The document of a record whose only field is the column. */
  Document document(Group row);

  /** The column of a field, or empty if its type is neither strings nor lists of integers. */
  static Optional<ParquetColumn> of(Type field) {
    if (field.isRepetition(Type.Repetition.REPEATED)) {
      return field.isPrimitive() ? integers(field).map(RepeatedIntegers::new) : Optional.empty();
    }
    if (field.isPrimitive()) {
      return name(field) == PrimitiveTypeName.BINARY && text(field.getLogicalTypeAnnotation())
          ? Optional.of(new Strings())
          : Optional.empty();
    }
    return list(field.asGroupType());
  }

  /** Whether bytes are text: those without annotation are, in files of some older writers. */
  private static boolean text(LogicalTypeAnnotation annotation) {
    return annotation == null
        || annotation instanceof LogicalTypeAnnotation.StringLogicalTypeAnnotation
        || annotation instanceof LogicalTypeAnnotation.JsonLogicalTypeAnnotation
        || annotation instanceof LogicalTypeAnnotation.EnumLogicalTypeAnnotation;
  }

  /** Lists of three levels (list, element) and of two, as older writers make them. */
  private static Optional<ParquetColumn> list(GroupType list) {
    if (list.getFieldCount() != 1 || !list.getType(0).isRepetition(Type.Repetition.REPEATED)) {
      return Optional.empty();
    }
    Type repeated = list.getType(0);
    if (repeated.isPrimitive()) {
      return integers(repeated).map(wide -> new Lists(new RepeatedIntegers(wide)));
    }
    GroupType entry = repeated.asGroupType();
    return entry.getFieldCount() == 1 && entry.getType(0).isPrimitive()
        ? integers(entry.getType(0)).map(NestedLists::new)
        : Optional.empty();
  }

  /** Whether integers are wide (64 bits), or empty if the type is no integer. */
  private static Optional<Boolean> integers(Type type) {
    LogicalTypeAnnotation annotation = type.getLogicalTypeAnnotation();
    boolean plain =
        annotation == null || annotation instanceof LogicalTypeAnnotation.IntLogicalTypeAnnotation;
    if (!plain || type.isRepetition(Type.Repetition.REPEATED) && !type.isPrimitive()) {
      return Optional.empty();
    }
    return switch (name(type)) {
      case INT32 -> Optional.of(false);
      case INT64 -> Optional.of(true);
      case BOOLEAN, BINARY, FLOAT, DOUBLE, INT96, FIXED_LEN_BYTE_ARRAY -> Optional.empty();
    };
  }

  private static PrimitiveTypeName name(Type type) {
    return type.asPrimitiveType().getPrimitiveTypeName();
  }

  private static int id(Group group, int index, boolean wide) {
    return wide ? TokenIds.exact(group.getLong(0, index)) : group.getInteger(0, index);
  }

  /** Strings. */
  record Strings() implements ParquetColumn {
    @Override
    public Document document(Group row) {
      return row.getFieldRepetitionCount(0) == 0
          ? new Document.Text("")
          : new Document.Text(Utf8.decode(row.getBinary(0, 0).getBytesUnsafe()));
    }
  }

  /** A repeated integer, without a list around it. */
  record RepeatedIntegers(boolean wide) implements ParquetColumn {
    @Override
    public Document document(Group row) {
      int[] ids = new int[row.getFieldRepetitionCount(0)];
      for (int i = 0; i < ids.length; i++) {
        ids[i] = id(row, i, wide);
      }
      return new Document.Tokens(ids);
    }
  }

  /** A list whose elements are repeated themselves. */
  record Lists(RepeatedIntegers integers) implements ParquetColumn {
    @Override
    public Document document(Group row) {
      return row.getFieldRepetitionCount(0) == 0
          ? new Document.Tokens(new int[0])
          : integers.document(row.getGroup(0, 0));
    }
  }

  /** A list whose elements stand in a repeated group. */
  record NestedLists(boolean wide) implements ParquetColumn {
    @Override
    public Document document(Group row) {
      if (row.getFieldRepetitionCount(0) == 0) {
        return new Document.Tokens(new int[0]);
      }
      Group list = row.getGroup(0, 0);
      int[] ids = new int[list.getFieldRepetitionCount(0)];
      for (int i = 0; i < ids.length; i++) {
        Group entry = list.getGroup(0, i);
        if (entry.getFieldRepetitionCount(0) == 0) {
          throw new IllegalArgumentException("a null among token ids");
        }
        ids[i] = id(entry, 0, wide);
      }
      return new Document.Tokens(ids);
    }
  }
}
