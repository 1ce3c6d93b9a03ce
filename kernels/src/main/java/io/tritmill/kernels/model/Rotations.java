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
 * weights behind them. Embedding, final norm and head stay as they are: a token pays two fast
 * transforms of the residual stream, and one of the input of down in each block.
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

  /** Seeded Hadamard matrices everywhere, as large as the widths allow. */
  public static Rotations hadamard(ModelConfig config, long seed) {
    return new Rotations(
        Hadamard.of(config.hidden(), seed),
        Hadamard.of(config.headSize(), seed + 1),
        Hadamard.of(config.intermediate(), seed + 2));
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
  void enterDown(int tokens, float[] x) {
    if (down != null) {
      down.apply(tokens, x, 0, down.width());
    }
  }

  /** Whether a norm's gains are folded into the weights behind it. */
  public boolean folds(Role role) {
    return residual != null && (role == Role.ATTENTION_NORM || role == Role.FEED_FORWARD_NORM);
  }

  /**
   * Makes the weight of a linear module that of the rotated model.
   *
   * @param role its part
   * @param w (rows, columns), in place
   * @param gains of the norm before it, (columns); unused for output and down
   */
  public void turnWeight(Role role, int rows, int columns, float[] w, float[] gains) {
    if (residual == null) {
      return;
    }
    switch (role) {
      case QUERY, KEY, GATE, UP -> turnInputs(rows, columns, w, gains);
      case VALUE -> {
        turnInputs(rows, columns, w, gains);
        for (int row = 0; row < rows; row += head.width()) {
          head.applyToColumns(columns, w, row * columns, columns);
        }
      }
      case OUTPUT -> {
        for (int column = 0; column < columns; column += head.width()) {
          head.apply(rows, w, column, columns);
        }
        residual.applyToColumns(columns, w, 0, columns);
      }
      case DOWN -> {
        down.apply(rows, w, 0, columns);
        residual.applyToColumns(columns, w, 0, columns);
      }
      case EMBEDDING, ATTENTION_NORM, FEED_FORWARD_NORM, FINAL_NORM, HEAD ->
          throw new IllegalArgumentException(role + " is not a linear module of a block");
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
   * @param bias (outputs), in place
   */
  public void turnBias(Role role, float[] bias) {
    if (residual == null) {
      return;
    }
    if (role == Role.VALUE) {
      head.apply(bias.length / head.width(), bias, 0, head.width());
    } else if (role == Role.OUTPUT || role == Role.DOWN) {
      residual.apply(1, bias, 0, bias.length);
    }
  }
}
