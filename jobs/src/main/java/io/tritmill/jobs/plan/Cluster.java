package io.tritmill.jobs.plan;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Machines that a run is planned for.
 *
 * @param machines how many there are
 * @param cores of each that Spark may use
 * @param memoryBytes of each that Spark may use
 * @param bandwidth bytes a second that each reads from or writes to storage
 * @param startSeconds from the command to the first task
 */
public record Cluster(
    int machines, int cores, long memoryBytes, double bandwidth, double startSeconds) {
  private static final Pattern SHAPE = Pattern.compile("(\\d{1,5})x(\\d{1,4})c(\\d{1,6})g");

  /** Ten gigabits a second, and the protocol's share taken off. */
  private static final double NETWORK = 1e9;

  /** A disk of this decade or the system's cache of files. */
  private static final double DISK = 2e9;

  private static final double SUBMIT_SECONDS = 15;
  private static final double LOCAL_SECONDS = 3;

  public Cluster {
    if (machines < 1 || cores < 1 || memoryBytes < 1) {
      throw new IllegalArgumentException("a cluster has machines, cores and memory");
    }
    if (!(bandwidth > 0)) {
      throw new IllegalArgumentException("bandwidth is positive");
    }
  }

  /**
   * A cluster as the command line writes it: {@code 64x16c64g} is 64 machines of 16 cores and 64
   * GiB.
   *
   * @throws IllegalArgumentException if it is none
   */
  public static Cluster parse(String text) {
    Matcher shape = SHAPE.matcher(text);
    if (!shape.matches()) {
      throw new IllegalArgumentException(
          "'%s' is no cluster, expected machines, cores and GiB of each as in 64x16c64g"
              .formatted(text));
    }
    return new Cluster(
        Integer.parseInt(shape.group(1)),
        Integer.parseInt(shape.group(2)),
        Long.parseLong(shape.group(3)) << 30,
        NETWORK,
        SUBMIT_SECONDS);
  }

  /** This machine, or one like it with so many cores, in Spark's local mode. */
  public static Cluster local(int cores) {
    return new Cluster(1, cores, Long.MAX_VALUE, DISK, LOCAL_SECONDS);
  }

  /** This cluster with another bandwidth. */
  public Cluster withBandwidth(double bytesPerSecond) {
    return new Cluster(machines, cores, memoryBytes, bytesPerSecond, startSeconds);
  }

  /** Whether tasks run in the driver's own JVM. */
  public boolean isLocal() {
    return memoryBytes == Long.MAX_VALUE;
  }
}
