package io.tritmill.kernels.code;

/**
 * A weight that cannot be quantized: NaN, infinite, or beyond what a half-precision scale reaches.
 *
 * <p>The row counts from the first row of the band that was handed in; a caller that knows where
 * the band lies in its tensor adds the band's first row and says {@link #reason()} again.
 */
public final class UnusableWeightException extends IllegalArgumentException {
  private static final long serialVersionUID = 1L;

  private final int row;
  private final String reason;

  public UnusableWeightException(int row, String reason) {
    super("Row " + row + ": " + reason);
    this.row = row;
    this.reason = reason;
  }

  /** The same of a band that begins so many rows earlier. */
  public UnusableWeightException below(int rows) {
    return new UnusableWeightException(row + rows, reason);
  }

  /** The row within the band. */
  public int row() {
    return row;
  }

  /** What was found where in the row, and what was expected; begins in lower case. */
  public String reason() {
    return reason;
  }
}
