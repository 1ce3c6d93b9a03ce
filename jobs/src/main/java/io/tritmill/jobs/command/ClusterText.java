package io.tritmill.jobs.command;

import io.tritmill.jobs.plan.Cluster;
import io.tritmill.jobs.plan.ExecutorLayout;
import io.tritmill.jobs.plan.Plan;
import io.tritmill.jobs.plan.TimeEstimate;
import io.tritmill.jobs.progress.Progress;

/** What a plan asks of a cluster, for people. */
final class ClusterText {
  private ClusterText() {}

  static String of(Plan plan, Cluster cluster, ExecutorLayout layout, TimeEstimate time) {
    StringBuilder text = new StringBuilder();
    text.append(
        "a task holds at most %s; %d tasks at a time in %d executors%n"
            .formatted(Progress.bytes(plan.memoryPerTask()), layout.slots(), layout.executors()));
    int idle = layout.idle(cluster);
    if (idle > 0) {
      text.append("%d cores idle, there is no memory for more tasks%n".formatted(idle));
    }
    layout.conf().forEach((key, value) -> text.append("  --conf %s=%s%n".formatted(key, value)));
    for (TimeEstimate.Phase phase : time.phases()) {
      text.append(
          "  %-30s %8s%s%n"
              .formatted(
                  phase.name(),
                  seconds(phase.seconds()),
                  phase.tasks() == 0 ? "" : "  %,d tasks".formatted(phase.tasks())));
    }
    text.append(
        "about %s, from %s to %s, on %d x %d cores like these%n"
            .formatted(
                Progress.duration(time.expected()),
                Progress.duration(time.low()),
                Progress.duration(time.high()),
                cluster.machines(),
                cluster.cores()));
    return text.toString();
  }

  private static String seconds(double seconds) {
    return seconds < 10 ? "%.1fs".formatted(seconds) : Progress.duration(seconds);
  }
}
