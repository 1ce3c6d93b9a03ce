package io.tritmill.jobs.quantize;

import io.tritmill.jobs.plan.LayerShard;
import io.tritmill.jobs.plan.Plan;
import io.tritmill.jobs.plan.PlannedTensor;
import io.tritmill.jobs.progress.Progress;
import io.tritmill.kernels.quantize.ReconstructionError;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/** Prints a layer's line when the last of its bands is done. */
final class LayerLines implements Consumer<BandResult> {
  private final Map<String, PlannedTensor> tensors = new HashMap<>();
  private final Map<String, LayerShard> shards = new HashMap<>();
  private final Map<String, List<BandResult>> done = new HashMap<>();
  private final Map<String, Integer> bands = new HashMap<>();
  private final Progress progress;

  LayerLines(Plan plan, PrintStream out, Map<String, BandResult> finished) {
    long cost = 0;
    for (LayerShard shard : plan.shards()) {
      if (!finished.containsKey(shard.key())) {
        shards.put(shard.key(), shard);
        bands.merge(shard.tensor().name(), 1, Integer::sum);
        cost += shard.cost();
      }
    }
    plan.layers().forEach(tensor -> tensors.put(tensor.tensor().name(), tensor));
    int layers =
        (int) plan.layers().stream().filter(t -> bands.containsKey(t.tensor().name())).count();
    progress = new Progress(out, layers, cost);
    if (!finished.isEmpty()) {
      out.println(
          "resuming: %d of %s are done already"
              .formatted(finished.size(), Progress.count(plan.shards().size(), "band")));
    }
  }

  @Override
  public void accept(BandResult result) {
    progress.advance(shards.get(result.key()).cost());
    PlannedTensor tensor = tensors.get(result.tensor());
    if (tensor == null) {
      return;
    }
    List<BandResult> all = done.computeIfAbsent(result.tensor(), name -> new ArrayList<>());
    all.add(result);
    if (all.size() == bands.get(result.tensor())) {
      print(tensor, all);
    }
  }

  private void print(PlannedTensor planned, List<BandResult> bands) {
    ReconstructionError error =
        bands.stream().map(BandResult::error).reduce(ReconstructionError::plus).orElseThrow();
    double seconds =
        bands.stream().mapToLong(b -> b.readNanos() + b.computeNanos() + b.writeNanos()).sum()
            / 1e9;
    progress.step(
        planned.tensor().name(),
        " %dx%d %s -> %s %.3f bpw %s -> %s err %.4f sqnr %.1f dB %.2f s"
            .formatted(
                planned.rows(),
                planned.columns(),
                planned.tensor().dtype(),
                planned.method(),
                planned.bitsPerWeight(),
                Progress.bytes(planned.tensor().storedBytes()),
                Progress.bytes(planned.bytesOut()),
                error.relative(),
                error.sqnrDb(),
                seconds),
        " %.3f bpw err %.4f".formatted(planned.bitsPerWeight(), error.relative()));
  }
}
