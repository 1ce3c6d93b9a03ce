package io.tritmill.kernels.model.forward;

import io.tritmill.kernels.model.Module;
import io.tritmill.kernels.model.Norm;
import io.tritmill.kernels.model.TensorSpec;
import io.tritmill.kernels.model.function.Normalization;
import io.tritmill.kernels.tensor.WeightRows;
import java.util.HashMap;
import java.util.Map;

/**
 * The weights of one sublayer, by the names of their tensors.
 *
 * @param matrices weights of linear modules
 * @param vectors biases, norms' weights and what else there is
 * @param products of modules that are not computed from their matrices
 */
public record SublayerWeights(
    Map<String, WeightRows> matrices,
    Map<String, float[]> vectors,
    Map<Module, LinearProduct> products) {
  private static final float[] NO_BIAS = {};

  public SublayerWeights {
    matrices = Map.copyOf(matrices);
    vectors = Map.copyOf(vectors);
    products = Map.copyOf(products);
  }

  /** Weights whose modules are all computed from their matrices. */
  public SublayerWeights(Map<String, WeightRows> matrices, Map<String, float[]> vectors) {
    this(matrices, vectors, Map.of());
  }

  /** The module with its weights. */
  public Linear linear(Module module) {
    float[] bias = module.bias() == null ? NO_BIAS : bias(module);
    LinearProduct product = products.get(module);
    if (product != null) {
      return module.whole()
          ? new Linear(matrices.get(module.weight().name()), bias, product)
          : new Linear(
              null, Linear.biases(bias, module.firstRow(), module.rows(), module.step()), product);
    }
    WeightRows weight = found(matrices, module.weight());
    return module.whole()
        ? new Linear(weight, bias)
        : Linear.ofRows(weight, bias, module.firstRow(), module.rows(), module.step());
  }

  private float[] bias(Module module) {
    TensorSpec tensor = module.bias();
    if (tensor.vector()) {
      return vector(tensor);
    }
    float[] ofExpert = new float[tensor.columns()];
    matrix(tensor).decode(module.site().expert(), 1, ofExpert, 0);
    return ofExpert;
  }

  /** A matrix that is no module's. */
  WeightRows matrix(TensorSpec tensor) {
    return found(matrices, tensor);
  }

  /** The elements of a vector, or of a matrix, row after row. */
  float[] flat(TensorSpec tensor) {
    if (tensor.vector()) {
      return vector(tensor);
    }
    WeightRows rows = matrix(tensor);
    float[] values = new float[rows.rows() * rows.columns()];
    rows.decode(0, rows.rows(), values, 0);
    return values;
  }

  /**
   * Normalizes rows.
   *
   * @param x (tokens, width)
   * @param y (tokens, width), perhaps x; overwritten
   */
  void normalize(Norm norm, int tokens, float[] x, float[] y) {
    Normalization.apply(norm, tokens, gains(norm), x, 0, y, 0);
  }

  /** A vector as it is stored. */
  public float[] vector(TensorSpec tensor) {
    return found(vectors, tensor);
  }

  /** The gains of a norm; of several vectors side by side one after another. */
  public float[] gains(Norm norm) {
    return norm.gains(flat(norm.weight()));
  }

  /** The same with some matrices replaced; others than the sublayer's are left out. */
  public SublayerWeights with(Map<String, WeightRows> replaced) {
    Map<String, WeightRows> all = new HashMap<>(matrices);
    replaced.forEach((name, rows) -> all.computeIfPresent(name, (n, old) -> rows));
    return new SublayerWeights(all, vectors, products);
  }

  private static <T> T found(Map<String, T> all, TensorSpec tensor) {
    T found = all.get(tensor.name());
    if (found == null) {
      throw new IllegalArgumentException("The weights have no " + tensor.name());
    }
    return found;
  }
}
