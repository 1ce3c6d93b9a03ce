package io.tritmill.jobs.quantize;

import io.tritmill.jobs.plan.LayerShard;
import io.tritmill.jobs.plan.Plan;
import io.tritmill.jobs.plan.Portions;
import io.tritmill.jobs.run.Ledger;
import io.tritmill.jobs.run.RunDirectory;
import io.tritmill.jobs.spark.Tasks;
import io.tritmill.jobs.storage.Checksums;
import io.tritmill.jobs.storage.Storage;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.apache.hadoop.fs.Path;
import org.apache.spark.api.java.JavaSparkContext;

/**
 * What earlier attempts of a run have done and this one can use: results in the ledger, of shards
 * that the plan still has, whose parts are there with the bytes that were written.
 */
final class FinishedBands {
  private final JavaSparkContext spark;
  private final Storage storage;
  private final RunDirectory run;
  private final Consumer<String> remarks;

  /**
   * Looks for them in a run directory.
   *
   * @param remarks gets a sentence for whatever has to be done again
   */
  FinishedBands(
      JavaSparkContext spark, Storage storage, RunDirectory run, Consumer<String> remarks) {
    this.spark = spark;
    this.storage = storage;
    this.run = run;
    this.remarks = remarks;
  }

  /** The results by key of their shard; the map is the caller's. */
  Map<String, BandResult> of(Plan plan) {
    Map<String, BandResult> entries = new HashMap<>();
    Ledger.read(
            storage,
            run.ledger(),
            BandResult.class,
            sentence -> remarks.accept("%s; its layers are done again".formatted(sentence)))
        .forEach(entry -> entries.put(entry.key(), entry));
    Map<String, BandResult> usable = new HashMap<>();
    List<BandResult> unchecked = new ArrayList<>();
    for (LayerShard shard : plan.shards()) {
      BandResult entry = entries.get(shard.key());
      if (entry != null && entry.part().isEmpty()) {
        usable.put(entry.key(), entry);
      } else if (entry != null) {
        unchecked.add(entry);
      }
    }
    Tasks.run(
        spark,
        "check %d parts of an earlier attempt".formatted(unchecked.size()),
        Portions.guided(unchecked, BandResult::bytes, spark.defaultParallelism()),
        new PartCheck(storage, run.parts().toString()),
        (Checked checked) -> {
          if (checked.problem().isEmpty()) {
            usable.put(checked.key(), entries.get(checked.key()));
          } else {
            remarks.accept("%s; it is made again".formatted(checked.problem()));
          }
        });
    return usable;
  }

  /** What was found of a part; {@code problem} is empty when it is as it was written. */
  private record Checked(String key, String problem) implements java.io.Serializable {}

  /** Reads a part and compares its checksum: a crash may leave the right length and no content. */
  private record PartCheck(Storage storage, String parts)
      implements Tasks.Work<BandResult, Checked> {
    @Override
    public Checked apply(BandResult entry, String attempt) {
      return new Checked(entry.key(), problem(new Path(parts, entry.part()), entry));
    }

    private String problem(Path part, BandResult entry) {
      if (!storage.exists(part)) {
        return "%s: is missing".formatted(part);
      }
      long length = storage.status(part).getLen();
      if (length != entry.bytes()) {
        return "%s: has %d bytes, expected %d".formatted(part, length, entry.bytes());
      }
      return Checksums.sha256(storage, part).equals(entry.sha256())
          ? ""
          : "%s: has changed since it was written".formatted(part);
    }
  }
}
