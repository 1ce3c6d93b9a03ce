package io.tritmill.jobs.quantize;

import io.tritmill.jobs.model.ModelSource;
import io.tritmill.jobs.plan.LayerShard;
import io.tritmill.jobs.spark.Tasks;
import io.tritmill.jobs.storage.Storage;
import io.tritmill.kernels.code.UnusableWeightException;
import io.tritmill.kernels.quantize.LayerInputs;
import io.tritmill.kernels.quantize.PackedBand;
import io.tritmill.kernels.tensor.WeightRows;
import java.io.Serializable;

/**
 * One band's share of a pass over its whole tensor.
 *
 * @param storage file systems
 * @param source the transformed model; null where weights are those of the file
 */
record ObserveBand(Storage storage, ModelSource source)
    implements Tasks.Work<QuantizeBand.Input, ObserveBand.Sums> {

  /** What the band adds to its tensor's sums. */
  record Sums(int shard, String tensor, double[] values) implements Serializable {}

  @Override
  public Sums apply(QuantizeBand.Input input, String attempt) {
    LayerShard shard = input.shard();
    String tensor = shard.tensor().name();
    try {
      WeightRows band = QuantizeBand.weights(storage, source, shard);
      Learning learning = Learning.of(shard, input.statistics());
      // A whole layer's passes look at weights alone: what it learns is read when it is solved.
      LayerInputs inputs =
          shard.whole() ? input.inputs() : input.inputs().with(learning.load(storage));
      double[] values = PackedBand.observe(band, learning.method(), inputs);
      return new Sums(shard.index(), tensor, values);
    } catch (UnusableWeightException e) {
      throw QuantizeBand.unusable(shard, e);
    }
  }
}
