package io.tritmill.udf;

import org.apache.spark.sql.catalyst.analysis.NoSuchNamespaceException;
import org.apache.spark.sql.connector.catalog.FunctionCatalog;
import org.apache.spark.sql.connector.catalog.Identifier;
import org.apache.spark.sql.connector.catalog.functions.UnboundFunction;
import org.apache.spark.sql.util.CaseInsensitiveStringMap;

/**
 * The catalog of kernel functions: with {@code
 * spark.sql.catalog.trit=io.tritmill.udf.KernelCatalog}, {@code SELECT trit.squared_error(a, b)}.
 */
public final class KernelCatalog implements FunctionCatalog {
  private static final String[] ROOT = {};

  private String name;

  @Override
  public void initialize(String name, CaseInsensitiveStringMap options) {
    this.name = name;
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public Identifier[] listFunctions(String[] namespace) throws NoSuchNamespaceException {
    if (namespace.length > 0) {
      throw new NoSuchNamespaceException(namespace);
    }
    return KernelFunctions.byName().keySet().stream()
        .map(function -> Identifier.of(ROOT, function))
        .toArray(Identifier[]::new);
  }

  /**
   * The function of a name.
   *
   * @throws IllegalArgumentException if there is none; Spark's own exception for that becomes a
   *     message that cannot name those that there are
   */
  @Override
  public UnboundFunction loadFunction(Identifier identifier) {
    UnboundFunction function = KernelFunctions.byName().get(identifier.name());
    if (function == null || identifier.namespace().length > 0) {
      throw new IllegalArgumentException(
          "%s.%s is not a function; %s has %s"
              .formatted(
                  name, identifier, name, String.join(", ", KernelFunctions.byName().keySet())));
    }
    return function;
  }
}
