package io.tritmill.kernels.model.forward;

import io.tritmill.kernels.model.Basis;
import io.tritmill.kernels.model.LatentAttention;
import io.tritmill.kernels.model.LossMetric;
import io.tritmill.kernels.model.Module;
import io.tritmill.kernels.model.Norm;
import io.tritmill.kernels.model.Rope;
import io.tritmill.kernels.model.Site;
import io.tritmill.kernels.model.TensorSpec;
import io.tritmill.kernels.tensor.Matrix;
import io.tritmill.kernels.tensor.WeightRows;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/**
 * Attention with latent keys and values of any sizes.
 *
 * @param queryLatent 0 for none
 */
record TestLatent(
    int hidden, int heads, int plain, int value, int latent, int queryLatent, Rope rope) {
  static final float EPSILON = 1e-6f;

  int querySize() {
    return plain + rope.size();
  }

  /** More than the widths alone would give, as stretched positions have it. */
  double scale() {
    return 1.3 / Math.sqrt(querySize());
  }

  private static Site site(int index, String name, int width) {
    return Site.ofAll(index, index, 0, 0, name, width);
  }

  Site inputs() {
    return site(0, "attention", hidden);
  }

  Site queries() {
    return queryLatent == 0 ? inputs() : site(1, "query_latent", queryLatent);
  }

  Site latents() {
    return site(2, "key_value_latent", latent);
  }

  Site results() {
    return site(3, "output", heads * value);
  }

  LatentAttention operator() {
    boolean compressed = queryLatent > 0;
    return new LatentAttention(
        heads,
        plain,
        value,
        scale(),
        rope,
        compressed ? module("queryDown", queryLatent, true, inputs()) : null,
        compressed ? norm("queryNorm", queryLatent) : null,
        module("queryUp", heads * querySize(), false, queries()),
        module("keyValueDown", latent + rope.size(), true, inputs()),
        norm("keyValueNorm", latent),
        module("keyValueUp", heads * (plain + value), false, latents()),
        module("output", hidden, true, results()));
  }

  private static Module module(String name, int rows, boolean biased, Site site) {
    return new Module(
        new TensorSpec(name, "", "", List.of(rows, site.width())),
        0,
        rows,
        biased ? new TensorSpec(name + ".bias", "", "", List.of(rows)) : null,
        site,
        Basis.FIXED,
        Basis.FIXED,
        LossMetric.UNKNOWN);
  }

  private static Norm norm(String name, int width) {
    return new Norm(Norm.Kind.RMS, new TensorSpec(name, "", "", List.of(width)), false, EPSILON);
  }

  SublayerWeights weights(Random random) {
    LatentAttention operator = operator();
    Map<String, WeightRows> matrices = new HashMap<>();
    Map<String, float[]> vectors = new HashMap<>();
    for (Module module : operator.modules()) {
      int columns = module.columns();
      float[] values =
          RandomModel.gaussian(random, module.rows() * columns, 1.5 / Math.sqrt(columns));
      matrices.put(module.weight().name(), new Matrix(module.rows(), columns, values));
      if (module.bias() != null) {
        vectors.put(module.bias().name(), RandomModel.gaussian(random, module.rows(), 0.5));
      }
    }
    for (TensorSpec gains : operator.others()) {
      vectors.put(gains.name(), RandomModel.gains(random, gains.rows()));
    }
    return new SublayerWeights(matrices, vectors);
  }
}
