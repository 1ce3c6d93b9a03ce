package io.tritmill.kernels.model.forward;

import io.tritmill.kernels.model.Module;
import io.tritmill.kernels.model.Sublayer;
import io.tritmill.kernels.tensor.WeightRows;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The weights of a {@link TestBlock}, part by part. */
public record TestWeights(
    float[] attentionNorm,
    Linear query,
    Linear key,
    Linear value,
    Linear output,
    float[] feedForwardNorm,
    Linear gate,
    Linear up,
    Linear down) {

  SublayerWeights of(Sublayer sublayer) {
    boolean first = sublayer.index() == 0;
    List<Linear> linear = first ? List.of(query, key, value, output) : List.of(gate, up, down);
    Map<String, WeightRows> matrices = new HashMap<>();
    Map<String, float[]> vectors = new HashMap<>();
    List<Module> modules = sublayer.operator().modules();
    for (int i = 0; i < modules.size(); i++) {
      matrices.put(modules.get(i).weight().name(), linear.get(i).weight());
      if (modules.get(i).bias() != null) {
        vectors.put(modules.get(i).bias().name(), linear.get(i).bias());
      }
    }
    vectors.put(sublayer.before().weight().name(), first ? attentionNorm : feedForwardNorm);
    return new SublayerWeights(matrices, vectors);
  }
}
