package io.tritmill.jobs.verify;

import io.tritmill.jobs.checkpoint.Checkpoint;
import io.tritmill.jobs.failure.BadInputException;
import io.tritmill.jobs.plan.ModelFingerprint;
import io.tritmill.jobs.run.Manifest;
import io.tritmill.jobs.run.RunDirectory;
import io.tritmill.jobs.spark.Tasks;
import io.tritmill.jobs.storage.Checksums;
import io.tritmill.jobs.storage.Storage;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.Path;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.SparkSession;

/**
 * Verifies a complete run: every file against the manifest, the manifest against {@code _SUCCESS},
 * and the errors of sampled layers against the packed bytes, derived a second way.
 */
public final class Verifier {
  private final JavaSparkContext spark;
  private final Storage storage;

  public Verifier(SparkSession session, Storage storage) {
    this.spark = JavaSparkContext.fromSparkContext(session.sparkContext());
    this.storage = storage;
  }

  /**
   * Verifies a run that says it is complete.
   *
   * @param layers how many layers are derived again; all when there are fewer
   * @throws BadInputException if the run is not complete, or its manifest was changed
   */
  public Verification verify(RunDirectory run, int layers) {
    if (!storage.exists(run.success())) {
      throw BadInputException.broken(
          "%s: is no complete run (no _SUCCESS); finish it with the compress command that began it",
          run.path());
    }
    return verify(run, Manifest.read(storage, run), layers);
  }

  /** Verifies a run against a manifest that may not be published yet. */
  public Verification verify(RunDirectory run, Manifest manifest, int layers) {
    List<String> problems = new ArrayList<>(checkFiles(run, manifest));
    List<String> remarks = new ArrayList<>();
    List<String> derived = new ArrayList<>();
    Checkpoint checkpoint = openOriginal(manifest, remarks);
    if (problems.isEmpty() && checkpoint != null) {
      new LayerErrors(spark, storage, run).check(checkpoint, layers, derived, problems);
    }
    long bytes = manifest.files().stream().mapToLong(Manifest.Entry::size).sum();
    return new Verification(
        run.runId(), manifest.files().size(), bytes, derived, problems, remarks);
  }

  private Checkpoint openOriginal(Manifest manifest, List<String> remarks) {
    Path model = new Path(manifest.model());
    if (!storage.exists(model)) {
      remarks.add(
          "%s is not there any more: checksums were compared, errors of layers were not derived"
              .formatted(model));
      return null;
    }
    Checkpoint checkpoint;
    try {
      checkpoint = Checkpoint.open(storage, model);
    } catch (BadInputException e) {
      remarks.add(
          "%s: checksums were compared, errors of layers were not derived"
              .formatted(e.getMessage()));
      return null;
    }
    if (!ModelFingerprint.of(storage, checkpoint).sha256().equals(manifest.modelSha256())) {
      remarks.add(
          "%s was changed since: checksums were compared, errors of layers were not derived"
              .formatted(model));
      return null;
    }
    return checkpoint;
  }

  private List<String> checkFiles(RunDirectory run, Manifest manifest) {
    List<String> problems = new ArrayList<>();
    Set<String> listed = new HashSet<>();
    manifest.files().forEach(entry -> listed.add(entry.path()));
    for (Path file : Manifest.contents(storage, run)) {
      if (!listed.contains(Manifest.relative(run, file))) {
        problems.add("%s: is not in the manifest; who put it there?".formatted(file));
      }
    }
    List<List<Task>> tasks =
        manifest.files().stream()
            .sorted(Comparator.comparingLong(entry -> -entry.size()))
            .map(entry -> List.of(new Task(run.uri(), entry.path(), entry.size(), entry.sha256())))
            .toList();
    List<String> found = new ArrayList<>();
    Storage files = storage;
    Tasks.run(
        spark,
        "verify %d files".formatted(tasks.size()),
        tasks,
        (Task task, String attempt) -> task.problem(files),
        (String problem) -> {
          if (!problem.isEmpty()) {
            found.add(problem);
          }
        });
    found.sort(Comparator.naturalOrder());
    problems.addAll(found);
    return problems;
  }

  private record Task(String run, String path, long size, String sha256) implements Serializable {
    String problem(Storage storage) {
      Path file = new Path(run, path);
      if (!storage.exists(file)) {
        return "%s: is missing".formatted(file);
      }
      FileStatus status = storage.status(file);
      if (status.getLen() != size) {
        return "%s: has %d bytes, the manifest says %d".formatted(file, status.getLen(), size);
      }
      String found = Checksums.sha256(storage, file);
      return found.equals(sha256)
          ? ""
          : "%s: has SHA-256 %s, the manifest says %s; its content was changed"
              .formatted(file, found, sha256);
    }
  }
}
