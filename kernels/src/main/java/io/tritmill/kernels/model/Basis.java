package io.tritmill.kernels.model;

/** What flows into a linear module or out of it, as far as a rotation can be made of it. */
public enum Basis {
  /** The residual stream, normed where it is read. */
  STREAM,
  /** The values of heads, side by side. */
  HEADS,
  /** The products inside a feed-forward. */
  INNER,
  /** What cannot be rotated: the model would be another function. */
  FIXED
}
