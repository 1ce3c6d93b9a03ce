package io.tritmill.kernels.simd.trit;

import io.tritmill.kernels.simd.lanes.Implementation;
import java.util.ArrayList;
import java.util.List;

/** The kernels of trits that run on this machine, beginning with their definition. */
public final class TernaryKernels {
  private TernaryKernels() {}

  /** Those that differ from each other. */
  public static List<TernaryKernel> all() {
    List<TernaryKernel> kernels = new ArrayList<>(List.of(new ScalarTernary()));
    if (Implementation.VECTORS) {
      kernels.addAll(Vectors.kernels());
    }
    return kernels;
  }

  /** Not loaded where vectors cannot be linked. */
  private static final class Vectors {
    static List<TernaryKernel> kernels() {
      TernaryKernel narrow = new PanamaTernaryPairs();
      return TernaryChoice.KERNEL instanceof PanamaTernaryPairs
          ? List.of(narrow)
          : List.of(narrow, TernaryChoice.KERNEL);
    }
  }
}
