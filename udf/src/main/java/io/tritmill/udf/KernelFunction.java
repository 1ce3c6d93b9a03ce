package io.tritmill.udf;

import org.apache.spark.sql.connector.catalog.functions.BoundFunction;
import org.apache.spark.sql.connector.catalog.functions.ScalarFunction;
import org.apache.spark.sql.connector.catalog.functions.UnboundFunction;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;

/**
 * A function of the catalog with one fixed list of arguments.
 *
 * <p>A function is a public class with a static method {@code invoke} over Spark's own value types,
 * which Spark finds by that name and calls from generated code without boxing. A null argument
 * makes the result null; anything else that cannot be used is an {@link IllegalArgumentException}.
 *
 * @param <T> what Spark makes of the result
 */
abstract class KernelFunction<T> implements UnboundFunction, ScalarFunction<T> {
  private static final long serialVersionUID = 1L;

  private final String name;
  private final String arguments;
  private final String result;
  private final String meaning;

  /**
   * @param arguments names and types as in the columns of a table: {@code a array<float>, b int}
   * @param result type
   * @param meaning one sentence
   */
  KernelFunction(String name, String arguments, String result, String meaning) {
    this.name = name;
    this.arguments = arguments;
    this.result = result;
    this.meaning = meaning;
  }

  @Override
  public final String name() {
    return name;
  }

  /** {@code name(arguments) -> result: meaning}. */
  @Override
  public final String description() {
    return "%s(%s) -> %s: %s".formatted(name, arguments, result, meaning);
  }

  @Override
  public final BoundFunction bind(StructType given) {
    if (given.size() != inputTypes().length) {
      throw new UnsupportedOperationException(
          "%s takes (%s), found %d arguments".formatted(name, arguments, given.size()));
    }
    return this;
  }

  /** The types that Spark casts the arguments to. */
  @Override
  public final DataType[] inputTypes() {
    StructField[] fields = StructType.fromDDL(arguments).fields();
    DataType[] types = new DataType[fields.length];
    for (int i = 0; i < fields.length; i++) {
      types[i] = fields[i].dataType();
    }
    return types;
  }

  @Override
  public final DataType resultType() {
    return DataType.fromDDL(result);
  }

  /** Equal for equal functions, so that Spark computes a repeated expression once. */
  @Override
  public final String canonicalName() {
    return "io.tritmill." + name;
  }
}
