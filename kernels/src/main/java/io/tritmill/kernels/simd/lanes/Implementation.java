package io.tritmill.kernels.simd.lanes;

import java.lang.System.Logger.Level;

/**
 * The choice between the Vector API and plain loops, made once.
 *
 * <p>Vectors are used when the JVM was started with module jdk.incubator.vector, unless the system
 * property {@code tritmill.simd} is {@code scalar}. No class that names a vector type is loaded
 * otherwise. The other rooms of {@code simd} ask here whether, and have a choice of their own of
 * what.
 */
public final class Implementation {
  public static final boolean VECTORS = vectorsWanted();
  public static final VectorOps OPS = VECTORS ? Vectors.ops() : new ScalarOps();
  public static final LaneOps LANE_OPS = VECTORS ? Vectors.laneOps() : new ScalarLaneOps();
  public static final FieldOps FIELD_OPS = VECTORS ? Vectors.fieldOps() : new ScalarFieldOps();
  public static final int VECTOR_BITS = VECTORS ? Vectors.bits() : 0;

  private Implementation() {}

  private static boolean vectorsWanted() {
    if ("scalar".equals(System.getProperty("tritmill.simd"))) {
      return false;
    }
    if (!vectorsAreThere()) {
      System.getLogger(Implementation.class.getName())
          .log(
              Level.WARNING,
              "Kernels run in plain loops, several times slower than they could: start the JVM with"
                  + " --add-modules=jdk.incubator.vector");
      return false;
    }
    return true;
  }

  /** Asks for a class: the module may have come after the JVM's own modules. */
  private static boolean vectorsAreThere() {
    try {
      Class.forName("jdk.incubator.vector.Vector", false, ClassLoader.getPlatformClassLoader());
      return true;
    } catch (ClassNotFoundException e) {
      return false;
    }
  }

  /** Stands between {@link Implementation} and the classes that cannot be linked everywhere. */
  private static final class Vectors {
    static VectorOps ops() {
      return new PanamaOps();
    }

    static LaneOps laneOps() {
      return new PanamaLaneOps();
    }

    static FieldOps fieldOps() {
      return new PanamaFieldOps();
    }

    static int bits() {
      return Species.FLOATS.vectorBitSize();
    }
  }
}
