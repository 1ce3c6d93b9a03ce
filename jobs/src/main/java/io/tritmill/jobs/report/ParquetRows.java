package io.tritmill.jobs.report;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import org.apache.parquet.ParquetReadOptions;
import org.apache.parquet.column.page.PageReadStore;
import org.apache.parquet.conf.PlainParquetConfiguration;
import org.apache.parquet.example.data.Group;
import org.apache.parquet.example.data.simple.SimpleGroup;
import org.apache.parquet.example.data.simple.convert.GroupRecordConverter;
import org.apache.parquet.hadoop.ParquetFileReader;
import org.apache.parquet.io.ColumnIOFactory;
import org.apache.parquet.io.InputFile;
import org.apache.parquet.io.MessageColumnIO;
import org.apache.parquet.io.RecordReader;
import org.apache.parquet.io.api.Binary;
import org.apache.parquet.schema.LogicalTypeAnnotation;
import org.apache.parquet.schema.LogicalTypeAnnotation.TimeUnit;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.PrimitiveType.PrimitiveTypeName;
import org.apache.parquet.schema.Type;
import org.apache.parquet.schema.Type.Repetition;
import org.apache.parquet.schema.Types;
import org.apache.spark.sql.types.ArrayType;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;

/**
 * Columns and rows as Parquet has them: lists in three levels, instants as microseconds in UTC, as
 * Spark lays them out.
 */
final class ParquetRows {
  private static final String LIST = "list";
  private static final String ELEMENT = "element";

  private ParquetRows() {}

  /** The columns of a table; those that may be null are optional. */
  static MessageType columns(StructType schema) {
    Types.MessageTypeBuilder message = Types.buildMessage();
    for (StructField field : schema.fields()) {
      Repetition repetition = field.nullable() ? Repetition.OPTIONAL : Repetition.REQUIRED;
      message.addField(column(field.dataType(), repetition, field.name()));
    }
    return message.named("spark_schema");
  }

  private static Type column(DataType type, Repetition repetition, String name) {
    if (type instanceof ArrayType array) {
      Type element = column(array.elementType(), Repetition.REQUIRED, ELEMENT);
      return Types.buildGroup(repetition)
          .as(LogicalTypeAnnotation.listType())
          .addField(Types.repeatedGroup().addField(element).named(LIST))
          .named(name);
    }
    if (type.equals(DataTypes.StringType)) {
      return Types.primitive(PrimitiveTypeName.BINARY, repetition)
          .as(LogicalTypeAnnotation.stringType())
          .named(name);
    }
    if (type.equals(DataTypes.TimestampType)) {
      return Types.primitive(PrimitiveTypeName.INT64, repetition)
          .as(LogicalTypeAnnotation.timestampType(true, TimeUnit.MICROS))
          .named(name);
    }
    return Types.primitive(primitive(type), repetition).named(name);
  }

  private static PrimitiveTypeName primitive(DataType type) {
    return switch (type.typeName()) {
      case "boolean" -> PrimitiveTypeName.BOOLEAN;
      case "integer" -> PrimitiveTypeName.INT32;
      case "long" -> PrimitiveTypeName.INT64;
      case "float" -> PrimitiveTypeName.FLOAT;
      case "double" -> PrimitiveTypeName.DOUBLE;
      default -> throw new IllegalStateException("A report has no columns of " + type);
    };
  }

  /**
   * A row.
   *
   * @param values one for each column, null where there is none
   */
  static Group row(MessageType columns, Object[] values) {
    Group row = new SimpleGroup(columns);
    for (int column = 0; column < values.length; column++) {
      if (values[column] != null) {
        add(row, columns.getFieldName(column), values[column]);
      }
    }
    return row;
  }

  private static void add(Group group, String field, Object value) {
    switch (value) {
      case String text -> group.add(field, Binary.fromString(text));
      case Instant instant -> group.add(field, ChronoUnit.MICROS.between(Instant.EPOCH, instant));
      case Boolean flag -> group.add(field, flag);
      case Integer number -> group.add(field, number);
      case Long number -> group.add(field, number);
      case Float number -> group.add(field, number);
      case Double number -> group.add(field, number);
      case Object[] elements -> {
        Group list = group.addGroup(field);
        for (Object element : elements) {
          add(list.addGroup(LIST), ELEMENT, element);
        }
      }
      default -> throw new IllegalStateException("A report has no values of " + value.getClass());
    }
  }

  /**
   * All rows of a small file.
   *
   * @param columns those that are read
   */
  static List<Group> read(InputFile file, List<String> columns) {
    ParquetReadOptions options =
        ParquetReadOptions.builder(new PlainParquetConfiguration()).build();
    try (ParquetFileReader reader = ParquetFileReader.open(file, options)) {
      MessageType schema = reader.getFileMetaData().getSchema();
      MessageType chosen =
          new MessageType(schema.getName(), columns.stream().map(schema::getType).toList());
      reader.setRequestedSchema(chosen);
      MessageColumnIO columnIo = new ColumnIOFactory().getColumnIO(chosen, schema);
      List<Group> rows = new ArrayList<>();
      PageReadStore pages;
      while ((pages = reader.readNextRowGroup()) != null) {
        RecordReader<Group> records =
            columnIo.getRecordReader(pages, new GroupRecordConverter(chosen));
        for (long row = 0; row < pages.getRowCount(); row++) {
          rows.add(records.read());
        }
      }
      return rows;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
