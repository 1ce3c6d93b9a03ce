package io.tritmill.kernels.simd.product;

import io.tritmill.kernels.simd.lanes.Implementation;
import io.tritmill.kernels.simd.lanes.Species;

/** The loops of matrices that suit this machine, chosen once as {@link Implementation}. */
public final class ProductChoice {
  public static final MatrixOps MATRIX_OPS =
      Implementation.VECTORS ? Vectors.matrixOps() : new ScalarMatrixOps();
  static final GemmTile TILE = Implementation.VECTORS ? Vectors.tile() : new ScalarTile();

  private ProductChoice() {}

  /** Stands between {@link ProductChoice} and the classes that cannot be linked everywhere. */
  private static final class Vectors {
    static MatrixOps matrixOps() {
      return new PanamaMatrixOps();
    }

    static GemmTile tile() {
      return Species.LANES == 16 ? new PanamaTile14x2() : new PanamaTile4x2();
    }
  }
}
