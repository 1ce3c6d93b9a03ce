package io.tritmill.kernels.model;

import io.tritmill.kernels.linalg.Hadamard;

/**
 * Rotations of what flows through a model that change none of its outputs (arXiv:2404.00456), and
 * the weights that go with them.
 *
 * <pre>
 * residual stream   x' = Q x, from behind the embedding to before the final norm
 * values, heads     v' = P v in each head, undone by output
 * input of down     a' = D a, made on the way
 * </pre>
 *
 * RMSNorm without gains commutes with Q, so the gains of a block's norms are folded into the
 * weights behind them, routers and gates among these. Values whose heads are not alike, and what
 * enters the down of experts, stay as they are. Embedding, final norm and head stay as they are: a
 * token pays two fast transforms of the residual stream, and one of the input of down in each
 * block.
 *
 * <p>A null rotates nothing. Immutable.
 *
 * @param residual Q, of the width of the residual stream
 * @param head P, of the width of a head
 * @param down D, of the width of the feed-forward
 */
public record Rotations(Hadamard residual, Hadamard head, Hadamard down) {
  /** Nothing is rotated, and no gain folded. */
  public static final Rotations NONE = new Rotations(null, null, null);

  /**
   * Seeded Hadamard matrices everywhere, as large as the widths allow.
   *
   * @throws IllegalArgumentException if the model would be another function; the message names the
   *     trait
   */
  public static Rotations hadamard(Architecture model, long seed) {
    Rotatable widths = Rotatable.of(model);
    return new Rotations(
        Hadamard.of(model.hidden(), seed),
        widths.head() == 0 ? null : Hadamard.of(widths.head(), seed + 1),
        widths.inner() == 0 ? null : Hadamard.of(widths.inner(), seed + 2));
  }

  /** Rotates what comes from the embedding; (tokens, hidden), in place. */
  public void enter(int tokens, float[] x) {
    if (residual != null) {
      residual.apply(tokens, x, 0, residual.width());
    }
  }

  /** Undoes {@link #enter} before the final norm. */
  public void leave(int tokens, float[] x) {
    if (residual != null) {
      residual.invert(tokens, x, 0, residual.width());
    }
  }

  /** Rotates the inputs of down; (tokens, intermediate), in place. */
  public void enterDown(int tokens, float[] x) {
    if (down != null) {
      down.apply(tokens, x, 0, down.width());
    }
  }

  /** Whether the gains of norms before sublayers are folded into the weights behind them. */
  public boolean folds() {
    return residual != null;
  }

  /**
   * Makes the weight of a linear module that of the rotated model.
   *
   * @param w (rows, columns), in place
   * @param gains of the norm before it, (columns); unused where it does not read the stream
   */
  public void turnWeight(Module module, int rows, int columns, float[] w, float[] gains) {
    if (residual == null) {
      return;
    }
    switch (module.inputs()) {
      case STREAM -> turnInputs(rows, columns, w, gains);
      case HEADS -> {
        for (int column = 0; head != null && column < columns; column += head.width()) {
          head.apply(rows, w, column, columns);
        }
      }
      case INNER -> enterDown(rows, w);
      case FIXED -> {}
    }
    switch (module.outputs()) {
      case STREAM -> residual.applyToColumns(columns, w, 0, columns);
      case HEADS -> {
        for (int row = 0; head != null && row < rows; row += head.width()) {
          head.applyToColumns(columns, w, row * columns, columns);
        }
      }
      case INNER, FIXED -> {}
    }
  }

  /**
   * Makes a matrix that reads the stream, and is no module's, that of the rotated model.
   *
   * @param w (rows, columns), in place
   * @param gains of the norm before it, (columns)
   */
  public void turnReader(int rows, int columns, float[] w, float[] gains) {
    if (residual != null) {
      turnInputs(rows, columns, w, gains);
    }
  }

  private void turnInputs(int rows, int columns, float[] w, float[] gains) {
    for (int row = 0; row < rows; row++) {
      for (int column = 0; column < columns; column++) {
        w[row * columns + column] *= gains[column];
      }
    }
    residual.apply(rows, w, 0, columns);
  }

  /**
   * Makes the bias of a linear module that of the rotated model.
   *
   * @param bias (outputs), or (experts, outputs), in place
   */
  public void turnBias(Module module, float[] bias) {
    if (residual == null) {
      return;
    }
    switch (module.outputs()) {
      case HEADS -> {
        if (head != null) {
          head.apply(bias.length / head.width(), bias, 0, head.width());
        }
      }
      case STREAM -> residual.apply(bias.length / residual.width(), bias, 0, residual.width());
      case INNER, FIXED -> {}
    }
  }
}
