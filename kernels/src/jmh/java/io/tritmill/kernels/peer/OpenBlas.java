package io.tritmill.kernels.peer;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;

/**
 * The functions of OpenBLAS that our kernels stand beside, on one thread.
 *
 * <p>Matrices are column by column for the Fortran functions, so that a row-major upper half is
 * their lower one.
 */
@SuppressWarnings("restricted") // Functions in C are what it is for.
final class OpenBlas {
  private static final int ROW_MAJOR = 101;
  private static final int PLAIN = 111;
  private static final int TRANSPOSED = 112;
  private static final int UPPER = 121;

  private static final SymbolLookup LIBRARY = load();
  private static final MethodHandle SGEMM =
      function(
          "cblas_sgemm",
          JAVA_INT,
          JAVA_INT,
          JAVA_INT,
          JAVA_INT,
          JAVA_INT,
          JAVA_INT,
          JAVA_FLOAT,
          ADDRESS,
          JAVA_INT,
          ADDRESS,
          JAVA_INT,
          JAVA_FLOAT,
          ADDRESS,
          JAVA_INT);
  private static final MethodHandle SGEMV =
      function(
          "cblas_sgemv",
          JAVA_INT,
          JAVA_INT,
          JAVA_INT,
          JAVA_INT,
          JAVA_FLOAT,
          ADDRESS,
          JAVA_INT,
          ADDRESS,
          JAVA_INT,
          JAVA_FLOAT,
          ADDRESS,
          JAVA_INT);
  private static final MethodHandle SSYRK =
      function(
          "cblas_ssyrk",
          JAVA_INT,
          JAVA_INT,
          JAVA_INT,
          JAVA_INT,
          JAVA_INT,
          JAVA_FLOAT,
          ADDRESS,
          JAVA_INT,
          JAVA_FLOAT,
          ADDRESS,
          JAVA_INT);
  private static final MethodHandle SPOTRF =
      function("spotrf_", ADDRESS, ADDRESS, ADDRESS, ADDRESS, ADDRESS);
  private static final MethodHandle STRTRI =
      function("strtri_", ADDRESS, ADDRESS, ADDRESS, ADDRESS, ADDRESS, ADDRESS);

  private OpenBlas() {}

  /** c = a b', all n x n. */
  static void multiplyTransposed(int n, MemorySegment a, MemorySegment b, MemorySegment c)
      throws Throwable {
    SGEMM.invokeExact(ROW_MAJOR, PLAIN, TRANSPOSED, n, n, n, 1f, a, n, b, n, 0f, c, n);
  }

  /** y = b x, b n x n. */
  static void multiplyVector(int n, MemorySegment b, MemorySegment x, MemorySegment y)
      throws Throwable {
    SGEMV.invokeExact(ROW_MAJOR, PLAIN, n, n, 1f, b, n, x, 1, 0f, y, 1);
  }

  /** The upper half of gram += x'x, x of so many tokens. */
  static void addGram(int columns, int tokens, MemorySegment x, MemorySegment gram)
      throws Throwable {
    SSYRK.invokeExact(
        ROW_MAJOR, UPPER, TRANSPOSED, columns, tokens, 1f, x, columns, 1f, gram, columns);
  }

  /** Replaces one half of h by its Cholesky factor, and that by its inverse. */
  static void inverseFactor(int n, MemorySegment h) throws Throwable {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment half = arena.allocateFrom("L");
      MemorySegment general = arena.allocateFrom("N");
      MemorySegment size = arena.allocateFrom(JAVA_INT, n);
      MemorySegment info = arena.allocateFrom(JAVA_INT, 0);
      SPOTRF.invokeExact(half, size, h, size, info);
      STRTRI.invokeExact(half, general, size, h, size, info);
      if (info.get(JAVA_INT, 0) != 0) {
        throw new IllegalStateException("OpenBLAS found no factor");
      }
    }
  }

  private static SymbolLookup load() {
    SymbolLookup library = SymbolLookup.libraryLookup("libopenblas.so.0", Arena.global());
    try {
      Linker.nativeLinker()
          .downcallHandle(
              library.findOrThrow("openblas_set_num_threads"), FunctionDescriptor.ofVoid(JAVA_INT))
          .invokeExact(1);
    } catch (Throwable e) {
      throw new IllegalStateException("OpenBLAS cannot be called", e);
    }
    return library;
  }

  private static MethodHandle function(String name, MemoryLayout... arguments) {
    return Linker.nativeLinker()
        .downcallHandle(LIBRARY.findOrThrow(name), FunctionDescriptor.ofVoid(arguments));
  }
}
