package io.tritmill.jobs.calibrate;

import io.tritmill.jobs.model.ModelReader;
import io.tritmill.jobs.model.ModelSource;
import io.tritmill.jobs.storage.Storage;
import io.tritmill.kernels.linalg.Hadamard;
import io.tritmill.kernels.linalg.Strip;
import io.tritmill.kernels.model.AttentionCurvature;
import io.tritmill.kernels.model.FeedForwardCurvature;
import io.tritmill.kernels.model.ModelConfig;
import io.tritmill.kernels.model.ModuleMetrics;
import io.tritmill.kernels.model.Role;
import io.tritmill.kernels.model.TapSite;
import io.tritmill.kernels.model.TensorSpec;
import io.tritmill.kernels.tensor.Matrix;
import io.tritmill.kernels.tensor.WeightRows;
import java.io.IOException;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.function.IntFunction;

/**
 * What the output metrics of the layers of one site are made of, beside the sums of the site.
 *
 * @param source the full-precision model, transformed if the recipe says so
 * @param curvature that of the loss in the last residual stream
 * @param queries queries that were summed over
 * @param products tokens whose gates were summed over
 */
record OutputMetrics(ModelSource source, LastStream curvature, long queries, long products)
    implements Serializable {
  private static final long serialVersionUID = 1L;

  static OutputMetrics of(
      ModelSource source, LastStream curvature, Iterable<CalibrationChunk> fitted) {
    long queries = 0;
    long products = 0;
    for (CalibrationChunk chunk : fitted) {
      queries += AttentionCurvature.sampled(source.config(), chunk.tokens());
      products += FeedForwardCurvature.sampled(chunk.tokens());
    }
    return new OutputMetrics(source, curvature, queries, products);
  }

  /** The sums that a chunk makes for the metrics of a site. */
  static ArrayList<Sum> sums(ModelConfig config, TapSite site) {
    int size = config.headSize();
    int wide = config.intermediate();
    ArrayList<Sum> sums = new ArrayList<>();
    switch (site) {
      case ATTENTION -> {
        sums.add(Sum.ofMetric(site, Role.QUERY, size, config.heads() * size));
        sums.add(Sum.ofMetric(site, Role.KEY, size, config.keyValueHeads() * size));
      }
      case FEED_FORWARD -> {
        sums.add(Sum.ofMetric(site, Role.GATE, wide, wide));
        sums.add(Sum.ofMetric(site, Role.UP, wide, wide));
      }
      case OUTPUT, DOWN -> {}
    }
    return sums;
  }

  /**
   * Makes the metric of a layer.
   *
   * @param tensor the layer's weight
   * @param strips of the sum of its role, where there is one
   */
  Matrix load(Storage storage, TensorSpec tensor, IntFunction<Strip> strips) throws IOException {
    Matrix m = curvature.read(storage, source.rotations());
    ModelConfig config = source.config();
    return switch (tensor.role()) {
      case OUTPUT, DOWN -> m;
      case QUERY -> heads(config.heads() * config.headSize(), strips);
      case KEY -> heads(config.keyValueHeads() * config.headSize(), strips);
      case VALUE -> {
        try (ModelReader reader = new ModelReader(source)) {
          yield ModuleMetrics.value(config, m, reader.matrix(tensor.block(), Role.OUTPUT));
        }
      }
      case GATE, UP -> ModuleMetrics.feedForward(m, down(tensor), strips, 1.0 / products);
      case EMBEDDING, ATTENTION_NORM, FEED_FORWARD_NORM, FINAL_NORM, HEAD ->
          throw new IllegalArgumentException(tensor.name() + " is not a linear module of a block");
    };
  }

  /** The weight of down as the products of gate and up meet it, before they are rotated. */
  private WeightRows down(TensorSpec tensor) {
    try (ModelReader reader = new ModelReader(source)) {
      WeightRows stored = reader.matrix(tensor.block(), Role.DOWN);
      Hadamard rotation = source.rotations().down();
      if (rotation == null) {
        return stored;
      }
      Matrix down = Matrix.zeros(stored.rows(), stored.columns());
      stored.decode(0, down.rows(), down.values(), 0);
      rotation.invert(down.rows(), down.values(), 0, down.columns());
      return down;
    }
  }

  private Matrix heads(int width, IntFunction<Strip> strips) {
    int size = source.config().headSize();
    double[] squares = new double[size * width];
    for (int first = 0, s = 0; first < width; s++) {
      Strip strip = strips.apply(s);
      for (int row = 0; row < size; row++) {
        System.arraycopy(
            strip.values(), row * strip.columns(), squares, row * width + first, strip.columns());
      }
      first += strip.columns();
    }
    return ModuleMetrics.heads(new Strip(0, width, size, squares), 1.0 / queries);
  }
}
