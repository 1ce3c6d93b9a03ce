package io.tritmill.jobs.quantize;

import com.fasterxml.jackson.core.type.TypeReference;
import io.tritmill.jobs.plan.LayerShard;
import io.tritmill.jobs.plan.Plan;
import io.tritmill.jobs.run.Ledger;
import io.tritmill.jobs.run.RunDirectory;
import io.tritmill.jobs.spark.Tasks;
import io.tritmill.jobs.storage.Checksums;
import io.tritmill.jobs.storage.Storage;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.hadoop.fs.Path;
import org.apache.spark.api.java.JavaSparkContext;

/**
 * What a run can take over from an attempt that did not end: results of the same key whose parts
 * are there with the checksum that the ledger knows. Anything else is done again.
 */
final class EarlierParts {
  private final JavaSparkContext spark;
  private final Storage storage;
  private final RunDirectory run;

  EarlierParts(JavaSparkContext spark, Storage storage, RunDirectory run) {
    this.spark = spark;
    this.storage = storage;
    this.run = run;
  }

  /** A part as the ledger describes it. */
  private record Part(String key, String name, long bytes, String sha256) implements Serializable {
    boolean isIntact(Storage storage, Path directory) {
      if (name.isEmpty()) {
        return true;
      }
      Path file = new Path(directory, name);
      return storage.exists(file)
          && storage.status(file).getLen() == bytes
          && Checksums.sha256(storage, file).equals(sha256);
    }
  }

  /** The usable results, by key; changes as the run goes on. */
  Map<String, BandResult> usable(Plan plan) {
    Map<String, BandResult> known = new HashMap<>();
    Ledger.read(storage, run.ledger(), new TypeReference<List<BandResult>>() {})
        .forEach(entry -> known.put(entry.key(), entry));
    List<List<Part>> parts = new ArrayList<>();
    for (LayerShard shard : plan.shards()) {
      BandResult entry = known.get(shard.key());
      if (entry != null) {
        parts.add(List.of(new Part(entry.key(), entry.part(), entry.bytes(), entry.sha256())));
      }
    }
    Map<String, BandResult> usable = new HashMap<>();
    Storage files = storage;
    String directory = run.parts().toString();
    Tasks.run(
        spark,
        "check %d parts of an earlier attempt".formatted(parts.size()),
        parts,
        (Part part, String attempt) -> part.isIntact(files, new Path(directory)) ? part.key() : "",
        (String key) -> {
          if (!key.isEmpty()) {
            usable.put(key, known.get(key));
          }
        });
    return usable;
  }
}
