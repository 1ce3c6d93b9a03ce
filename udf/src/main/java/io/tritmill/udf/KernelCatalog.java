package io.tritmill.udf;

import java.util.Map;
import org.apache.spark.sql.catalyst.analysis.NoSuchFunctionException;
import org.apache.spark.sql.catalyst.analysis.NoSuchNamespaceException;
import org.apache.spark.sql.connector.catalog.FunctionCatalog;
import org.apache.spark.sql.connector.catalog.Identifier;
import org.apache.spark.sql.connector.catalog.NamespaceChange;
import org.apache.spark.sql.connector.catalog.SupportsNamespaces;
import org.apache.spark.sql.connector.catalog.functions.UnboundFunction;
import org.apache.spark.sql.util.CaseInsensitiveStringMap;

/**
 * The catalog of kernel functions: with {@code
 * spark.sql.catalog.trit=io.tritmill.udf.KernelCatalog}, {@code SELECT trit.squared_error(a, b)}.
 */
public final class KernelCatalog implements FunctionCatalog, SupportsNamespaces {
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
    requireRoot(namespace);
    return KernelFunctions.byName().keySet().stream()
        .map(function -> Identifier.of(ROOT, function))
        .toArray(Identifier[]::new);
  }

  /**
   * The function of a name.
   *
   * @throws NoSuchFunctionException if there is none, an error of analysis to Spark
   */
  @Override
  public UnboundFunction loadFunction(Identifier identifier) throws NoSuchFunctionException {
    UnboundFunction function = KernelFunctions.byName().get(identifier.name());
    if (function == null || identifier.namespace().length > 0) {
      throw new NoSuchFunctionException(identifier);
    }
    return function;
  }

  /** None but the root: {@code SHOW NAMESPACES IN trit} is empty, not an error. */
  @Override
  public String[][] listNamespaces() {
    return new String[0][];
  }

  @Override
  public String[][] listNamespaces(String[] namespace) throws NoSuchNamespaceException {
    requireRoot(namespace);
    return listNamespaces();
  }

  @Override
  public boolean namespaceExists(String[] namespace) {
    return namespace.length == 0;
  }

  @Override
  public Map<String, String> loadNamespaceMetadata(String[] namespace)
      throws NoSuchNamespaceException {
    requireRoot(namespace);
    return Map.of(PROP_COMMENT, "The numeric kernels of Tritmill");
  }

  @Override
  public void createNamespace(String[] namespace, Map<String, String> metadata) {
    throw readOnly();
  }

  @Override
  public void alterNamespace(String[] namespace, NamespaceChange... changes) {
    throw readOnly();
  }

  @Override
  public boolean dropNamespace(String[] namespace, boolean cascade) {
    throw readOnly();
  }

  private UnsupportedOperationException readOnly() {
    return new UnsupportedOperationException(
        "The functions of %s cannot be changed".formatted(name));
  }

  private static void requireRoot(String[] namespace) throws NoSuchNamespaceException {
    if (namespace.length > 0) {
      throw new NoSuchNamespaceException(namespace);
    }
  }
}
