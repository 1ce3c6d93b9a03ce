package io.tritmill.jobs.model;

import io.tritmill.jobs.recipe.Transforms;
import io.tritmill.kernels.model.Architecture;
import io.tritmill.kernels.model.Basis;
import io.tritmill.kernels.model.Module;
import io.tritmill.kernels.model.Norm;
import io.tritmill.kernels.model.Rotations;
import io.tritmill.kernels.model.Sublayer;
import io.tritmill.kernels.model.TensorSpec;
import io.tritmill.kernels.tensor.Matrix;
import io.tritmill.kernels.tensor.WeightRows;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * A full-precision model after function-preserving transforms, made from the stored tensors as they
 * are read: matrices in float, folded norms as ones.
 *
 * @param stored the model as it is stored
 * @param transforms what is done to it
 */
public record TransformedSource(ModelSource stored, Transforms transforms) implements ModelSource {
  private static final long serialVersionUID = 1L;

  /** The model itself where nothing is done to it. */
  public static ModelSource of(ModelSource stored, Transforms transforms) {
    return transforms.none() ? stored : new TransformedSource(stored, transforms);
  }

  @Override
  public Architecture architecture() {
    return stored.architecture();
  }

  @Override
  public Rotations rotations() {
    return transforms.rotations(architecture());
  }

  @Override
  public ModelTensors open() {
    return new Tensors(new Parts(architecture()), stored.open(), rotations());
  }

  /**
   * What becomes of which tensor: modules by weight and by bias, what reads the stream beside them,
   * folded norms by weight.
   */
  private static final class Parts {
    final Map<String, Module> weights = new HashMap<>();
    final Map<String, Module> biases = new HashMap<>();
    final Set<String> readers = new HashSet<>();
    final Map<String, Norm> before = new HashMap<>();
    final Map<String, Norm> folded = new HashMap<>();

    Parts(Architecture model) {
      for (Sublayer sublayer : model.sublayers()) {
        Norm norm = sublayer.before();
        if (norm != null) {
          folded.put(norm.weight().name(), norm);
        }
        for (TensorSpec reader : sublayer.operator().readers()) {
          readers.add(reader.name());
          before.put(reader.name(), norm);
        }
        for (Module module : sublayer.operator().modules()) {
          weights.put(module.weight().name(), module);
          before.put(module.weight().name(), norm);
          if (module.bias() != null) {
            biases.put(module.bias().name(), module);
          }
        }
      }
    }
  }

  private record Tensors(Parts parts, ModelTensors stored, Rotations rotations)
      implements ModelTensors {
    @Override
    public WeightRows matrix(TensorSpec spec) {
      Module module = parts.weights.get(spec.name());
      boolean reads = parts.readers.contains(spec.name());
      if (module == null && !reads) {
        return stored.matrix(spec);
      }
      WeightRows original = stored.matrix(spec);
      int rows = original.rows();
      int columns = original.columns();
      Matrix turned = Matrix.zeros(rows, columns);
      original.decode(0, rows, turned.values(), 0);
      if (reads) {
        rotations.turnReader(rows, columns, turned.values(), gains(spec));
      } else {
        float[] gains = module.inputs() == Basis.STREAM ? gains(spec) : new float[0];
        rotations.turnWeight(module, rows, columns, turned.values(), gains);
      }
      return turned;
    }

    private float[] gains(TensorSpec reader) {
      Norm norm = parts.before.get(reader.name());
      return norm.gains(stored.vector(norm.weight()));
    }

    @Override
    public float[] vector(TensorSpec spec) {
      float[] values = stored.vector(spec).clone();
      if (parts.folded.containsKey(spec.name()) && rotations.folds()) {
        Arrays.fill(values, parts.folded.get(spec.name()).neutral());
      } else if (parts.biases.containsKey(spec.name())) {
        rotations.turnBias(parts.biases.get(spec.name()), values);
      }
      return values;
    }

    @Override
    public void rows(TensorSpec spec, int firstRow, int count, float[] into) {
      if (parts.weights.containsKey(spec.name())) {
        matrix(spec).decode(firstRow, count, into, 0);
      } else {
        stored.rows(spec, firstRow, count, into);
      }
    }

    @Override
    public void close() {
      stored.close();
    }
  }
}
