package io.tritmill.jobs.generate;

/** In what numbers a generated token's linear modules are computed. */
public enum Activations {
  /** In float: what evaluation measures. */
  EXACT,
  /** Of trit-planes with activations of 8 bits: faster, and nearly the same. */
  INT8
}
