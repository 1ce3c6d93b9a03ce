package io.tritmill.jobs.spark;

import io.tritmill.jobs.failure.BadInputException;
import io.tritmill.jobs.progress.Activity;
import io.tritmill.kernels.parallel.Cores;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;
import org.apache.spark.SparkContext;
import org.apache.spark.SparkEnv;
import org.apache.spark.SparkException;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.rdd.RDD;
import scala.Function2;
import scala.jdk.javaapi.CollectionConverters;
import scala.reflect.ClassTag$;
import scala.runtime.AbstractFunction2;
import scala.runtime.BoxedUnit;

/**
 * Runs a function over a list on the cluster and hands each result to the driver as soon as its
 * task is accepted.
 *
 * <p>Spark accepts one attempt of a task, so a result is seen once however often a task was tried
 * or duplicated. A {@link BadInputException} in a task is not retried, nor is a file system that
 * refuses to write: it ends the job and is thrown on the driver as it was.
 */
public final class Tasks {
  /**
   * Work on one item; a pure function that may run more than once, on any executor, and in several
   * tasks of an executor at the same time.
   */
  @FunctionalInterface
  public interface Work<T, R> extends Serializable {
    /** Does the work; {@code attempt} is unique among all tries of all tasks of the application. */
    R apply(T item, String attempt) throws Exception;
  }

  /** Bytes that accepted tasks of each application say they have read. */
  private static final Map<String, LongAdder> BYTES_READ = new ConcurrentHashMap<>();

  private Tasks() {}

  /** Enters bytes that this task has read into Spark's metrics; outside a task into none. */
  public static void addBytesRead(long bytes) {
    TaskContext context = TaskContext.get();
    if (context != null) {
      context.taskMetrics().inputMetrics().incBytesRead(bytes);
    }
  }

  /** Bytes that the accepted tasks of this application have read. */
  public static long bytesRead(SparkContext context) {
    return bytesReadBy(context).sum();
  }

  private static LongAdder bytesReadBy(SparkContext context) {
    return BYTES_READ.computeIfAbsent(context.applicationId(), application -> new LongAdder());
  }

  /**
   * Runs the work and waits for the last result.
   *
   * @param description what Spark's UI and event log call the job
   * @param items one list a task
   * @param onResult called on the driver, one result at a time, in order of completion
   * @throws BadInputException if a task met one, or a file system refused
   * @throws IllegalStateException if a task failed in another way, each time it was tried
   */
  public static <T extends Serializable, R> void run(
      JavaSparkContext spark,
      String description,
      List<? extends List<T>> items,
      Work<T, R> work,
      Consumer<R> onResult) {
    if (items.isEmpty()) {
      return;
    }
    try (Activity running = Activity.begin(description, items.size())) {
      run(spark, description, items, work, onResult, running);
    }
  }

  private static <T extends Serializable, R> void run(
      JavaSparkContext spark,
      String description,
      List<? extends List<T>> items,
      Work<T, R> work,
      Consumer<R> onResult,
      Activity running) {
    SparkContext context = spark.sc();
    String group = "tritmill-" + System.nanoTime();
    Receiver<R> receiver =
        new Receiver<>(
            onResult,
            bytesReadBy(context),
            running,
            items.size(),
            () -> context.cancelJobGroup(group));
    context.setJobGroup(group, description, false);
    // Sent once to each executor, not with each task: it carries the configuration of file systems.
    // Spark's cleaner removes it: tasks that are being cancelled, or run once more on a new
    // executor, may ask for it after this job has ended.
    Broadcast<Work<T, R>> shared = spark.broadcast(work);
    try {
      RDD<?> data = spark.parallelize(items, items.size()).rdd();
      List<Object> partitions = new ArrayList<>();
      for (int i = 0; i < items.size(); i++) {
        partitions.add(i);
      }
      context.<List<T>, Outcome<R>>runJob(
          asTyped(data),
          new TaskBody<>(shared, coresOfAProcess(context)),
          CollectionConverters.asScala(partitions).toSeq(),
          receiver,
          ClassTag$.MODULE$.apply(Outcome.class));
    } catch (Throwable e) {
      // Spark throws checked exceptions too, which Scala does not declare.
      receiver.rethrow();
      if (!(e instanceof SparkException)) {
        context.cancelJobGroup(group);
      }
      throw Failures.ofJob(e);
    } finally {
      context.clearJobGroup();
    }
    receiver.rethrow();
  }

  /**
   * Cores that tasks of one process share: those of the machine in local mode, else those of an
   * executor as far as Spark was told. A standalone cluster that was not gives an executor all
   * cores of its worker, of which nobody here knows the number; then each task keeps to its own.
   */
  private static int coresOfAProcess(SparkContext context) {
    return context.isLocal()
        ? Math.min(context.defaultParallelism(), Runtime.getRuntime().availableProcessors())
        : context.conf().getInt("spark.executor.cores", 1);
  }

  @SuppressWarnings("unchecked")
  private static <T> RDD<T> asTyped(RDD<?> data) {
    return (RDD<T>) data;
  }

  /** Either the results of a task or the bad input that it met, and what it read. */
  private record Outcome<R>(List<R> results, BadInputException badInput, long bytesRead)
      implements Serializable {}

  private static final class TaskBody<T, R>
      extends AbstractFunction2<TaskContext, scala.collection.Iterator<List<T>>, Outcome<R>>
      implements Serializable {
    private static final long serialVersionUID = 1L;

    private final Broadcast<Work<T, R>> work;
    private final int cores;

    /**
     * @param cores of a process that runs such tasks
     */
    TaskBody(Broadcast<Work<T, R>> work, int cores) {
      this.work = work;
      this.cores = cores;
    }

    @Override
    public Outcome<R> apply(TaskContext context, scala.collection.Iterator<List<T>> lists) {
      if (!inDriver()) {
        // Of the driver it is the command line that decides, or whoever called us.
        Locale.setDefault(Locale.ROOT);
      }
      return Cores.lend(cores, () -> run(context, lists));
    }

    private Outcome<R> run(TaskContext context, scala.collection.Iterator<List<T>> lists) {
      String attempt = context.stageId() + "-" + context.taskAttemptId();
      List<R> results = new ArrayList<>();
      try {
        Iterator<List<T>> each = CollectionConverters.asJava(lists);
        while (each.hasNext()) {
          for (T item : each.next()) {
            // A cancelled task of many items would else go on to its last.
            context.killTaskIfInterrupted();
            results.add(work.value().apply(item, attempt));
          }
        }
        return new Outcome<>(results, null, context.taskMetrics().inputMetrics().bytesRead());
      } catch (BadInputException e) {
        return new Outcome<>(results, e, 0);
      } catch (Exception e) {
        BadInputException refused = Failures.ofStorage(e);
        if (refused != null) {
          return new Outcome<>(results, refused, 0);
        }
        throw e instanceof RuntimeException known ? known : new IllegalStateException(e);
      } catch (OutOfMemoryError | LinkageError e) {
        // Spark ends the process for an Error of a task: right for an executor, which is replaced,
        // but in local mode it is this one, which can still say why.
        Optional<BadInputException> reason = inDriver() ? Failures.sentence(e) : Optional.empty();
        return new Outcome<>(results, reason.orElseThrow(() -> e), 0);
      }
    }

    private static boolean inDriver() {
      SparkEnv environment = SparkEnv.get();
      return environment == null || environment.executorId().equals("driver");
    }
  }

  /**
   * Takes outcomes on the scheduler's thread. The first failure cancels the job and waits to be
   * thrown on the caller's: thrown on the scheduler's it would be logged as a mistake of ours.
   */
  private static final class Receiver<R> extends AbstractFunction2<Object, Outcome<R>, BoxedUnit>
      implements Function2<Object, Outcome<R>, BoxedUnit> {
    private final Consumer<R> onResult;
    private final LongAdder bytesRead;
    private final Activity running;
    private final Runnable cancel;
    private int outstanding;
    private volatile Throwable failure;

    Receiver(
        Consumer<R> onResult, LongAdder bytesRead, Activity running, int tasks, Runnable cancel) {
      this.onResult = onResult;
      this.bytesRead = bytesRead;
      this.running = running;
      this.outstanding = tasks;
      this.cancel = cancel;
    }

    @Override
    public BoxedUnit apply(Object partition, Outcome<R> outcome) {
      outstanding--;
      running.step();
      bytesRead.add(outcome.bytesRead());
      if (failure == null || failure instanceof BadInputException) {
        take(outcome);
      }
      return BoxedUnit.UNIT;
    }

    /** Results count although another task has met bad input: a later run can build on them. */
    private void take(Outcome<R> outcome) {
      try {
        outcome.results().forEach(onResult);
        if (outcome.badInput() != null) {
          fail(outcome.badInput());
        }
      } catch (RuntimeException | Error e) {
        fail(e);
      }
    }

    private void fail(Throwable cause) {
      if (failure == null && outstanding > 0) {
        cancel.run();
      }
      if (failure == null) {
        failure = cause;
      }
    }

    void rethrow() {
      if (failure != null) {
        throw Failures.ofJob(failure);
      }
    }
  }
}
