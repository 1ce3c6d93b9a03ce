package io.tritmill.jobs.calibrate;

import io.tritmill.jobs.model.ModelReader;
import io.tritmill.jobs.model.ModelSource;
import io.tritmill.jobs.storage.Storage;
import io.tritmill.kernels.linalg.Hadamard;
import io.tritmill.kernels.linalg.Strip;
import io.tritmill.kernels.model.Architecture;
import io.tritmill.kernels.model.Attention;
import io.tritmill.kernels.model.Module;
import io.tritmill.kernels.model.Site;
import io.tritmill.kernels.model.loss.AttentionCurvature;
import io.tritmill.kernels.model.loss.FeedForwardCurvature;
import io.tritmill.kernels.model.loss.ModuleMetrics;
import io.tritmill.kernels.tensor.Matrix;
import io.tritmill.kernels.tensor.WeightRows;
import java.io.IOException;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntFunction;

/**
 * What the output metrics of the layers of one site are made of, beside the sums of the site.
 *
 * @param source the full-precision model, transformed if the recipe says so
 * @param curvature that of the loss in the last residual stream
 * @param tokens of each chunk that was summed over
 * @param products tokens whose gates were summed over
 */
record OutputMetrics(
    ModelSource source, LastStream curvature, ArrayList<Long> tokens, long products)
    implements Serializable {
  private static final long serialVersionUID = 1L;

  static OutputMetrics of(
      ModelSource source, LastStream curvature, Iterable<CalibrationChunk> fitted) {
    long products = 0;
    List<Long> tokens = new ArrayList<>();
    for (CalibrationChunk chunk : fitted) {
      tokens.add((long) chunk.tokens());
      products += FeedForwardCurvature.sampled(chunk.tokens());
    }
    return new OutputMetrics(source, curvature, new ArrayList<>(tokens), products);
  }

  /** The sums that a chunk makes for the metrics of a site. */
  static ArrayList<Sum> sums(Architecture model, Site site) {
    ArrayList<Sum> sums = new ArrayList<>();
    for (Module module : model.sublayer(site).operator().modules()) {
      if (module.site().equals(site)) {
        switch (module.metric()) {
          case QUERY, KEY ->
              sums.add(
                  Sum.ofMetric(
                      site, module.metric(), attention(model, site).headSize(), module.rows()));
          case GATE, UP ->
              sums.add(Sum.ofMetric(site, module.metric(), module.rows(), module.rows()));
          case STREAM, VALUE, UNKNOWN -> {}
        }
      }
    }
    return sums;
  }

  private static Attention attention(Architecture model, Site site) {
    return (Attention) model.sublayer(site).operator();
  }

  /**
   * Makes the metric of a layer.
   *
   * @param strips of the sum of its metric, where there is one
   * @return null where none is known of the module
   */
  Matrix load(Storage storage, Module module, IntFunction<Strip> strips) throws IOException {
    Matrix m = curvature.read(storage, source.rotations());
    Architecture model = source.architecture();
    return switch (module.metric()) {
      case STREAM -> m;
      case QUERY, KEY -> heads(attention(model, module.site()), module.rows(), strips);
      case VALUE -> {
        Attention attention = attention(model, module.site());
        try (ModelReader reader = new ModelReader(source)) {
          yield ModuleMetrics.value(attention, m, reader.matrix(attention.output().weight()));
        }
      }
      case GATE, UP -> ModuleMetrics.feedForward(m, down(module), strips, 1.0 / products);
      case UNKNOWN -> null;
    };
  }

  /** The weight of down as the products of gate and up meet it, before they are rotated. */
  private WeightRows down(Module module) {
    Module last = source.architecture().sublayer(module.site()).operator().last().orElseThrow();
    try (ModelReader reader = new ModelReader(source)) {
      WeightRows stored = reader.matrix(last.weight());
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

  private Matrix heads(Attention attention, int width, IntFunction<Strip> strips) {
    int size = attention.headSize();
    long queries = 0;
    for (long chunk : tokens) {
      queries += AttentionCurvature.sampled(attention, chunk);
    }
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
