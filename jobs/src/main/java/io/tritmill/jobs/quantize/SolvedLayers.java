package io.tritmill.jobs.quantize;

import io.tritmill.jobs.calibrate.SolvedLayer;
import io.tritmill.jobs.plan.LayerShard;
import io.tritmill.jobs.plan.Plan;
import io.tritmill.jobs.plan.PlannedTensor;
import io.tritmill.jobs.run.RunDirectory;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.hadoop.fs.Path;

/** Layers that are done, as the parts that their bands lie in. */
final class SolvedLayers {
  private SolvedLayers() {}

  /** A layer of a plan, all of whose bands are done. */
  static SolvedLayer of(
      PlannedTensor layer, Plan plan, RunDirectory run, Map<String, BandResult> results) {
    return of(
        layer,
        plan.shards().stream().filter(shard -> shard.tensor().equals(layer.tensor())).toList(),
        run,
        results);
  }

  /**
   * A layer.
   *
   * @param bands all of it, from the first row to the last
   */
  static SolvedLayer of(
      PlannedTensor layer,
      List<LayerShard> bands,
      RunDirectory run,
      Map<String, BandResult> results) {
    ArrayList<SolvedLayer.Band> parts = new ArrayList<>();
    for (LayerShard band : bands) {
      Path part = new Path(run.parts(), results.get(band.key()).part());
      parts.add(new SolvedLayer.Band(part.toString(), band.rows()));
    }
    return new SolvedLayer(
        layer.tensor().name(), layer.columns(), layer.quantizer().levels(), parts);
  }
}
