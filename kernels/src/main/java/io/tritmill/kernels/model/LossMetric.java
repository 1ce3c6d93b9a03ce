package io.tritmill.kernels.model;

/** How the loss answers to an error of a module's outputs: which derivation its metric has. */
public enum LossMetric {
  /** The outputs are added to the residual stream. */
  STREAM,
  /** Queries of attention heads. */
  QUERY,
  /** Keys of attention heads. */
  KEY,
  /** Values of attention heads. */
  VALUE,
  /** What a gated feed-forward puts through SiLU. */
  GATE,
  /** What it multiplies with that. */
  UP,
  /** Nothing is known of what lies behind. */
  UNKNOWN
}
