package io.tritmill.jobs.model;

import io.tritmill.kernels.tensor.WeightRows;
import java.io.Serializable;
import java.lang.ref.SoftReference;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;

/**
 * Matrices that several tasks of one job read, in one process: each is read once, and kept while a
 * task uses it, and after that until memory is short or Spark's cleaner drops the job.
 *
 * <p>Made for one job; on its way to an executor it arrives empty.
 */
public final class SharedMatrices implements Serializable {
  private static final long serialVersionUID = 1L;

  private final transient ConcurrentHashMap<String, SoftReference<WeightRows>> matrices =
      new ConcurrentHashMap<>();

  /**
   * A matrix, read by this task if no other one has it; a task that asks meanwhile waits.
   *
   * @param name unique in the job
   * @param read reads it; what it throws is thrown here, and the next task reads again
   */
  public WeightRows get(String name, Supplier<WeightRows> read) {
    // The reference alone would not keep what was just read.
    WeightRows[] found = new WeightRows[1];
    matrices.compute(
        name,
        (key, kept) -> {
          found[0] = kept == null ? null : kept.get();
          if (found[0] != null) {
            return kept;
          }
          found[0] = read.get();
          return new SoftReference<>(found[0]);
        });
    return found[0];
  }

  private Object readResolve() {
    return new SharedMatrices();
  }
}
