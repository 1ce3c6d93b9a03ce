package io.tritmill.kernels.code;

import io.tritmill.kernels.simd.TernaryMatrix;
import io.tritmill.kernels.simd.TernarySource;
import io.tritmill.kernels.tensor.DType;

/** From trits as stored, five to a byte along a row, to trits as multiplied. */
public final class TernaryLayout {
  private TernaryLayout() {}

  /**
   * Makes a packed tensor ready for products with int8 activations.
   *
   * @throws IllegalArgumentException if a byte of trits is above 242, the message says which; or if
   *     groups are shifted, which sums of trits do not tell
   */
  public static TernaryMatrix of(PackedPlanes packed) {
    return of(packed, 0, packed.rows(), 1);
  }

  /**
   * The same of some of its rows.
   *
   * @param step from one of them to the next
   */
  public static TernaryMatrix of(PackedPlanes packed, int firstRow, int rows, int step) {
    if (packed.layout().shifted()) {
      throw new IllegalArgumentException("Shifted groups have no product of trits alone");
    }
    return TernaryMatrix.of(new Rows(packed, firstRow, rows, step));
  }

  private record Rows(PackedPlanes packed, int first, int rows, int step) implements TernarySource {
    @Override
    public int columns() {
      return packed.columns();
    }

    @Override
    public int planes() {
      return packed.layout().planes();
    }

    @Override
    public boolean tied() {
      return packed.layout().tied();
    }

    @Override
    public int groupColumns() {
      return packed.layout().group().width(packed.columns());
    }

    @Override
    public void trits(int plane, int row, byte[] into) {
      packed.unpackRow(plane, first + row * step, into, 0);
    }

    @Override
    public void scales(int row, float[] into) {
      boolean shared = packed.layout().group().kind() == Group.Kind.TENSOR;
      int from = shared ? 0 : 2 * (first + row * step) * into.length;
      DType.F16.decode(packed.scales(), from, into, 0, into.length);
    }
  }
}
