package io.tritmill.kernels.simd.trit;

import io.tritmill.kernels.simd.lanes.Implementation;
import io.tritmill.kernels.simd.lanes.Species;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The kernels of trits and bytes that suit this machine, chosen once as {@link Implementation}. */
public final class TernaryChoice {
  public static final TernaryKernel KERNEL =
      Implementation.VECTORS ? Vectors.kernel() : new ScalarTernary();
  public static final ByteOps BYTE_OPS =
      Implementation.VECTORS ? Vectors.byteOps() : new ScalarByteOps();

  private TernaryChoice() {}

  /** Stands between {@link TernaryChoice} and the classes that cannot be linked everywhere. */
  private static final class Vectors {
    static TernaryKernel kernel() {
      return Species.LANES == 16 && permutesBytes()
          ? new PanamaTernaryFives()
          : new PanamaTernaryPairs();
    }

    static ByteOps byteOps() {
      return new PanamaByteOps();
    }

    /**
     * Whether the processor permutes 128 bytes in one instruction, AVX-512 VBMI. Without it the
     * kernel that needs it is a thousand times slower, and nothing in the JDK tells: where the
     * system does not, the other kernel runs.
     */
    private static boolean permutesBytes() {
      try (var lines = Files.lines(Path.of("/proc/cpuinfo"))) {
        return lines
            .filter(line -> line.startsWith("flags"))
            .findFirst()
            .map(line -> (line + " ").contains(" avx512vbmi "))
            .orElse(false);
      } catch (IOException e) {
        return false;
      }
    }
  }
}
