package io.tritmill.jobs.plan;

import io.tritmill.jobs.storage.Storage;

/** Planners whose bands are so small that tiny tensors have many. */
public final class SmallBands {
  private SmallBands() {}

  /** A planner that cuts bands of about so many weights. */
  public static Planner planner(Storage storage, int weights) {
    return new Planner(storage, weights);
  }
}
