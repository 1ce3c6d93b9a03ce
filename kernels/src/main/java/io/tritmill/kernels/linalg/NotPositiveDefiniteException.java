package io.tritmill.kernels.linalg;

/**
 * A symmetric matrix that has no Cholesky factor in float: it is not positive definite, or so
 * nearly singular that rounding decides.
 *
 * <p>More damping is the remedy; where the pivot is NaN or infinite, the matrix itself is.
 */
public final class NotPositiveDefiniteException extends ArithmeticException {
  private static final long serialVersionUID = 1L;

  private final int index;
  private final double pivot;

  NotPositiveDefiniteException(int index, double pivot, double diagonal) {
    super(
        "Pivot %d is %s, of a diagonal element that was %s; expected more than %s of it"
            .formatted(index, pivot, diagonal, UpperFactor.SMALLEST_PIVOT));
    this.index = index;
    this.pivot = pivot;
  }

  /** Row and column of the pivot. */
  public int index() {
    return index;
  }

  /** What was left of the diagonal element when its turn came. */
  public double pivot() {
    return pivot;
  }
}
