package io.tritmill.jobs.report;

import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.Metadata;
import org.apache.spark.sql.types.MetadataBuilder;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;

/**
 * The tables of a report; the columns of each are the components of its record, in snake case.
 *
 * <p>Components that are records stand for their own components. An Optional may be null; so may a
 * float or double, where NaN becomes null.
 */
public enum ReportTable {
  LAYERS(LayerMetrics.class),
  BLOCKS(BlockMetrics.class),
  EVAL(EvalMetrics.class),
  RUNS(RunMetrics.class);

  /** Goes up when columns are added; it stands in the metadata of the first column. */
  public static final int SCHEMA_VERSION = 2;

  /** Key of {@link #SCHEMA_VERSION} in the metadata of {@code run_id}. */
  public static final String SCHEMA_VERSION_KEY = "tritmill.schema_version";

  private final Class<? extends Record> rowType;
  private final StructType schema;

  ReportTable(Class<? extends Record> rowType) {
    this.rowType = rowType;
    this.schema = schemaOf(rowType);
  }

  /** Name of the table and of its directory. */
  public String tableName() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** Columns, in order. */
  public StructType schema() {
    return schema;
  }

  /**
   * The values of a row, in the order of the columns; lists are arrays.
   *
   * @throws IllegalArgumentException if the record is not of this table, or has a null
   */
  Object[] values(Record metrics) {
    if (!rowType.isInstance(metrics)) {
      throw new IllegalArgumentException(
          "%s takes %s, found %s".formatted(this, rowType, metrics.getClass()));
    }
    List<Object> values = new ArrayList<>();
    addValues(metrics, values);
    return values.toArray();
  }

  private static StructType schemaOf(Class<? extends Record> rowType) {
    List<StructField> fields = new ArrayList<>();
    addFields(rowType, fields);
    Metadata version = new MetadataBuilder().putLong(SCHEMA_VERSION_KEY, SCHEMA_VERSION).build();
    StructField first = fields.getFirst();
    fields.set(
        0, DataTypes.createStructField(first.name(), first.dataType(), first.nullable(), version));
    return DataTypes.createStructType(fields);
  }

  private static void addFields(Class<?> record, List<StructField> fields) {
    for (RecordComponent component : record.getRecordComponents()) {
      Class<?> type = component.getType();
      if (type.isRecord()) {
        addFields(type, fields);
        continue;
      }
      boolean nullable = type == Optional.class || type == double.class || type == float.class;
      fields.add(
          DataTypes.createStructField(
              columnName(component), dataType(component.getGenericType()), nullable));
    }
  }

  private static void addValues(Record record, List<Object> values) {
    for (RecordComponent component : record.getClass().getRecordComponents()) {
      Object value = value(record, component);
      switch (value) {
        case null ->
            throw new IllegalArgumentException(
                "Column %s is null".formatted(columnName(component)));
        case Record part -> addValues(part, values);
        case Optional<?> optional -> values.add(optional.orElse(null));
        case Double number -> values.add(number.isNaN() ? null : number);
        case Float number -> values.add(number.isNaN() ? null : number);
        case List<?> list -> values.add(list.toArray());
        default -> values.add(value);
      }
    }
  }

  private static Object value(Record record, RecordComponent component) {
    try {
      return component.getAccessor().invoke(record);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(component + " cannot be read", e);
    }
  }

  private static String columnName(RecordComponent component) {
    return component.getName().replaceAll("(?<=[a-z0-9])(?=[A-Z])", "_").toLowerCase(Locale.ROOT);
  }

  private static DataType dataType(Type type) {
    if (type instanceof ParameterizedType generic) {
      DataType element = dataType(generic.getActualTypeArguments()[0]);
      return generic.getRawType() == List.class
          ? DataTypes.createArrayType(element, false)
          : element;
    }
    if (type == String.class) {
      return DataTypes.StringType;
    }
    if (type == Instant.class) {
      return DataTypes.TimestampType;
    }
    if (type == boolean.class) {
      return DataTypes.BooleanType;
    }
    if (type == int.class || type == Integer.class) {
      return DataTypes.IntegerType;
    }
    if (type == long.class || type == Long.class) {
      return DataTypes.LongType;
    }
    if (type == float.class) {
      return DataTypes.FloatType;
    }
    if (type == double.class || type == Double.class) {
      return DataTypes.DoubleType;
    }
    throw new IllegalStateException("A report has no columns of " + type);
  }
}
