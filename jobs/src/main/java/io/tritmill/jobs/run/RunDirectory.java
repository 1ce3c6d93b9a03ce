package io.tritmill.jobs.run;

import java.io.Serializable;
import org.apache.hadoop.fs.Path;

/**
 * Where everything of a run lies.
 *
 * @param uri the directory
 */
public record RunDirectory(String uri) implements Serializable {
  /** A run in this directory. */
  public static RunDirectory at(Path path) {
    return new RunDirectory(path.toString());
  }

  /** The directory itself. */
  public Path path() {
    return new Path(uri);
  }

  /** Name of the directory, which names the run. */
  public String runId() {
    return path().getName();
  }

  /** The recipe with every default written out. */
  public Path recipe() {
    return new Path(path(), "recipe.yaml");
  }

  /** What was planned. */
  public Path plan() {
    return new Path(path(), "plan.json");
  }

  /** How many planes each row has; not there where rows do not choose. */
  public Path planes() {
    return new Path(path(), "planes.json");
  }

  /** The run in one JSON object. */
  public Path summary() {
    return new Path(path(), "summary.json");
  }

  /** What the gate says; not there when nothing is asked of the run. */
  public Path gate() {
    return new Path(path(), "gate.json");
  }

  /** Every file with its size and checksum. */
  public Path manifest() {
    return new Path(path(), "MANIFEST.json");
  }

  /** Written last, with the checksum of the manifest. */
  public Path success() {
    return new Path(path(), "_SUCCESS");
  }

  /** Says which application is working here; see {@link RunLock}. */
  public Path lock() {
    return new Path(path(), "_LOCK");
  }

  /** The packed model. */
  public Path model() {
    return new Path(path(), "model");
  }

  /** The Parquet tables. */
  public Path reports() {
    return new Path(path(), "reports");
  }

  /** The table of what was measured of the run. */
  public Path evaluations() {
    return new Path(reports(), "eval");
  }

  /** What other programs open, a folder for each format. */
  public Path exports() {
    return new Path(path(), "export");
  }

  /** What resuming needs; removed at success. */
  public Path work() {
    return new Path(path(), "_work");
  }

  /** What vouches for the run while its mark is away. */
  Path brokenSeal() {
    return new Path(work(), "seal.json");
  }

  /** Accepted parts. */
  public Path ledger() {
    return new Path(work(), "ledger");
  }

  /** What rows lose with one, two and three planes. */
  public Path damages() {
    return new Path(work(), "damages");
  }

  /** Packed bands, each under a name of its own attempt. */
  public Path parts() {
    return new Path(work(), "parts");
  }

  /** Files of the model that tasks are still writing. */
  public Path drafts() {
    return new Path(work(), "drafts");
  }
}
