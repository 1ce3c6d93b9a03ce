/**
 * The kernels as Spark SQL functions: {@code trit.squared_error(a, b)} and its sisters.
 *
 * <p>Here: one class a function, the table of their names, the catalog that Spark loads; Spark's
 * public connector interfaces only. Not here: arithmetic ({@code kernels}), sessions, files.
 */
package io.tritmill.udf;
