package io.tritmill.jobs.model;

import io.tritmill.jobs.recipe.Transforms;
import io.tritmill.kernels.model.ModelConfig;
import io.tritmill.kernels.model.Role;
import io.tritmill.kernels.model.Rotations;
import io.tritmill.kernels.model.TensorSpec;
import io.tritmill.kernels.tensor.Matrix;
import io.tritmill.kernels.tensor.WeightRows;
import java.util.Arrays;
import java.util.List;

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
  public ModelConfig config() {
    return stored.config();
  }

  @Override
  public List<TensorSpec> specs() {
    return stored.specs();
  }

  @Override
  public Rotations rotations() {
    return transforms.rotations(config());
  }

  @Override
  public ModelTensors open() {
    return new Tensors(this, stored.open(), rotations());
  }

  private record Tensors(TransformedSource source, ModelTensors stored, Rotations rotations)
      implements ModelTensors {
    @Override
    public WeightRows matrix(TensorSpec spec) {
      if (!spec.role().linear()) {
        return stored.matrix(spec);
      }
      WeightRows original = stored.matrix(spec);
      int rows = original.rows();
      int columns = original.columns();
      Matrix turned = Matrix.zeros(rows, columns);
      original.decode(0, rows, turned.values(), 0);
      rotations.turnWeight(spec.role(), rows, columns, turned.values(), gains(spec));
      return turned;
    }

    private float[] gains(TensorSpec spec) {
      return switch (spec.role()) {
        case QUERY, KEY, VALUE -> stored.vector(norm(spec, Role.ATTENTION_NORM));
        case GATE, UP -> stored.vector(norm(spec, Role.FEED_FORWARD_NORM));
        default -> new float[0];
      };
    }

    private TensorSpec norm(TensorSpec spec, Role role) {
      return source.specs().stream()
          .filter(other -> other.block() == spec.block() && other.role() == role)
          .findFirst()
          .orElseThrow();
    }

    @Override
    public float[] vector(TensorSpec spec) {
      float[] values = stored.vector(spec).clone();
      if (rotations.folds(spec.role())) {
        Arrays.fill(values, 1);
      } else if (spec.bias()) {
        rotations.turnBias(spec.role(), values);
      }
      return values;
    }

    @Override
    public void rows(TensorSpec spec, int firstRow, int count, float[] into) {
      if (spec.role().linear()) {
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
