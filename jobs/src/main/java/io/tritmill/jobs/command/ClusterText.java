package io.tritmill.jobs.command;

import io.tritmill.jobs.plan.Cluster;
import io.tritmill.jobs.plan.ExecutorLayout;
import io.tritmill.jobs.plan.ForwardMemory;
import io.tritmill.jobs.plan.Plan;
import io.tritmill.jobs.plan.TimeEstimate;
import io.tritmill.jobs.progress.Progress;

/** What a plan asks of a cluster, for people. */
final class ClusterText {
  private ClusterText() {}

  static String of(Plan plan, Cluster cluster, ExecutorLayout layout, TimeEstimate time) {
    StringBuilder text = new StringBuilder();
    text.append(
        "a task holds at most %s; %s at a time %s%n"
            .formatted(
                Progress.bytes(plan.memoryPerTask()),
                Progress.count(layout.slots(), "task"),
                cluster.isLocal()
                    ? "on this machine"
                    : "in " + Progress.count(layout.executors(), "executor")));
    ForwardMemory forward = plan.forward();
    if (forward.task() > 0) {
      text.append(
          "the way to a layer holds at most %s of weights in each executor, and %s in each task%n"
              .formatted(Progress.bytes(forward.weights()), Progress.bytes(forward.task())));
    }
    if (forward.evaluation() > 0) {
      text.append(
          "a task that evaluates holds at most %s%n"
              .formatted(Progress.bytes(forward.evaluation())));
    }
    int idle = layout.idle(cluster);
    if (idle > 0) {
      text.append("%d cores idle, there is no memory for more tasks%n".formatted(idle));
    }
    if (cluster.isLocal()) {
      layout
          .environment()
          .forEach((key, value) -> text.append("  %s=%s ./tritmill ...%n".formatted(key, value)));
    } else {
      layout.conf().forEach((key, value) -> text.append("  --conf %s=%s%n".formatted(key, value)));
    }
    for (TimeEstimate.Phase phase : time.phases()) {
      text.append(
          "  %-30s %8s%s%n"
              .formatted(
                  phase.name(),
                  seconds(phase.seconds()),
                  phase.tasks() == 0 ? "" : "  " + Progress.count(phase.tasks(), "task")));
    }
    text.append(
        "about %s, from %s to %s, on %s of %s like these%n"
            .formatted(
                Progress.duration(time.expected()),
                Progress.duration(time.low()),
                Progress.duration(time.high()),
                Progress.count(cluster.machines(), "machine"),
                Progress.count(cluster.cores(), "core")));
    return text.toString();
  }

  private static String seconds(double seconds) {
    return seconds < 10 ? "%.1fs".formatted(seconds) : Progress.duration(seconds);
  }
}
