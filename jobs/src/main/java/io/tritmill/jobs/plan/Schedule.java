package io.tritmill.jobs.plan;

import java.util.Arrays;
import java.util.PriorityQueue;

/**
 * Plays through how Spark hands the tasks of a job to free cores, the longest first.
 *
 * @param slots tasks that run at a time
 * @param dispatchSeconds that the driver spends on each task, one after another
 */
record Schedule(int slots, double dispatchSeconds) {
  /** Seconds from the first task handed out to the last one done. */
  double seconds(double[] tasks) {
    double[] ordered = tasks.clone();
    Arrays.sort(ordered);
    PriorityQueue<Double> free = new PriorityQueue<>();
    double driver = 0;
    double end = 0;
    for (int i = ordered.length - 1; i >= 0; i--) {
      double slot = free.size() < slots ? 0 : free.remove();
      driver = Math.max(driver, slot) + dispatchSeconds;
      double done = driver + ordered[i];
      free.add(done);
      end = Math.max(end, done);
    }
    return end;
  }
}
