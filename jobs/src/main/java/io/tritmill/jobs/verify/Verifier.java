package io.tritmill.jobs.verify;

import io.tritmill.jobs.checkpoint.Checkpoint;
import io.tritmill.jobs.failure.BadInputException;
import io.tritmill.jobs.failure.ExitCode;
import io.tritmill.jobs.plan.ModelFingerprint;
import io.tritmill.jobs.run.Manifest;
import io.tritmill.jobs.run.Place;
import io.tritmill.jobs.run.RunDirectory;
import io.tritmill.jobs.spark.Tasks;
import io.tritmill.jobs.storage.Storage;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
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
    Place.requireComplete(storage, run);
    return verify(run, Manifest.read(storage, run), layers);
  }

  /** Verifies a run against a manifest that may not be published yet. */
  public Verification verify(RunDirectory run, Manifest manifest, int layers) {
    List<String> problems = new ArrayList<>(checkFiles(run, manifest));
    List<String> remarks = new ArrayList<>();
    List<Verification.DerivedLayer> derived = new ArrayList<>();
    int packed = 0;
    Checkpoint checkpoint = openOriginal(manifest, remarks);
    if (problems.isEmpty() && checkpoint != null) {
      packed = new LayerErrors(spark, storage, run).check(checkpoint, layers, derived, problems);
    }
    long bytes = manifest.files().stream().mapToLong(Manifest.Entry::size).sum();
    return new Verification(
        run.runId(),
        manifest.files().size(),
        bytes,
        derived.stream().map(Verification.DerivedLayer::tensor).toList(),
        derived,
        packed,
        problems,
        remarks);
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
    problems.addAll(problems(run, manifest.files()));
    return problems;
  }

  /**
   * Requires that files have the bytes that the manifest says, read on the cluster.
   *
   * @throws BadInputException with exit code 7, of the first that has not
   */
  public void requireFiles(RunDirectory run, List<Manifest.Entry> files) {
    List<String> problems = problems(run, files);
    if (!problems.isEmpty()) {
      throw new BadInputException(ExitCode.VERIFICATION_FAILED, problems.getFirst());
    }
  }

  private List<String> problems(RunDirectory run, List<Manifest.Entry> entries) {
    List<List<Manifest.Entry>> tasks =
        entries.stream()
            .sorted(Comparator.comparingLong(entry -> -entry.size()))
            .map(List::of)
            .toList();
    List<String> found = new ArrayList<>();
    Storage files = storage;
    Tasks.run(
        spark,
        "verify %d files".formatted(tasks.size()),
        tasks,
        (Manifest.Entry entry, String attempt) -> entry.problem(files, run),
        (String problem) -> {
          if (!problem.isEmpty()) {
            found.add(problem);
          }
        });
    found.sort(Comparator.naturalOrder());
    return found;
  }
}
