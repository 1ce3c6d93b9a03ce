package io.tritmill.jobs.bench;

import io.tritmill.jobs.bench.Costs.Place;
import io.tritmill.kernels.model.Architecture;
import io.tritmill.kernels.model.Module;
import io.tritmill.kernels.model.Rotations;
import io.tritmill.kernels.model.Sublayer;
import io.tritmill.kernels.model.TensorSpec;
import io.tritmill.kernels.model.config.ConfigValues;
import io.tritmill.kernels.model.describe.StoredTensors;
import io.tritmill.kernels.model.family.ModelFamily;
import io.tritmill.kernels.model.forward.ForwardPass;
import io.tritmill.kernels.model.forward.LinearProduct;
import io.tritmill.kernels.model.forward.SequenceState;
import io.tritmill.kernels.model.forward.SublayerWeights;
import io.tritmill.kernels.model.forward.TernaryProduct;
import io.tritmill.kernels.simd.TernaryMatrix;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * A token after another through the forward pass, whose rate stands beside that of the products
 * that it is made of: the rest is what the pass itself costs.
 */
final class GenerationProbes {
  static final List<Probe> ALL =
      List.of(
          new Probe(
              "generate",
              "1 plane, 1 int8 token, 4 blocks of hidden 2048",
              Unit.GWEIGHT,
              GenerationProbes::tokens));

  /** Positions after which a sequence begins anew. */
  private static final int POSITIONS = 256;

  private static final int BLOCKS = 4;

  private static final Architecture MODEL =
      ModelFamily.of("llama")
          .orElseThrow()
          .describe(
              new ConfigValues(
                  Map.of(
                      "hidden_size", 2048,
                      "intermediate_size", 5632,
                      "num_hidden_layers", BLOCKS,
                      "num_attention_heads", 32,
                      "num_key_value_heads", 4)),
              StoredTensors.none(BLOCKS));

  private GenerationProbes() {}

  private static Work tokens() {
    List<SublayerWeights> weights =
        MODEL.sublayers().stream().map(GenerationProbes::weights).toList();
    ForwardPass pass = ForwardPass.ofPieces(MODEL, Rotations.NONE, POSITIONS);
    float[] input = RandomOperands.floats(MODEL.hidden());
    float[] x = new float[input.length];
    double trits = MODEL.modules().stream().mapToDouble(m -> (double) m.rows() * m.columns()).sum();
    SequenceState[] state = {new SequenceState(POSITIONS)};
    int[] position = {0};
    // An addition for four trits, in lanes of a byte, of which a float has four.
    return new Work(
        new Costs(trits, trits / 16, 0.2 * trits, Place.MEMORY),
        () -> {
          if (position[0]++ == POSITIONS) {
            state[0] = new SequenceState(POSITIONS);
            position[0] = 1;
          }
          System.arraycopy(input, 0, x, 0, x.length);
          for (Sublayer sublayer : MODEL.sublayers()) {
            pass.run(sublayer, weights.get(sublayer.index()), x, 1, state[0]);
          }
          return x[0];
        });
  }

  private static SublayerWeights weights(Sublayer sublayer) {
    Map<Module, LinearProduct> products = new HashMap<>();
    for (Module module : sublayer.operator().modules()) {
      products.put(
          module,
          new TernaryProduct(TernaryMatrix.of(RandomTrits.of(module.rows(), module.columns()))));
    }
    Map<String, float[]> vectors = new HashMap<>();
    for (TensorSpec tensor : sublayer.tensors()) {
      if (tensor.vector()) {
        float[] ones = new float[tensor.rows()];
        Arrays.fill(ones, 1);
        vectors.put(tensor.name(), ones);
      }
    }
    return new SublayerWeights(Map.of(), vectors, products);
  }
}
