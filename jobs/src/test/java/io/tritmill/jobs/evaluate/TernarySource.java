package io.tritmill.jobs.evaluate;

import io.tritmill.jobs.model.ModelSource;
import io.tritmill.jobs.model.ModelTensors;
import io.tritmill.kernels.model.Architecture;
import io.tritmill.kernels.model.TensorSpec;
import io.tritmill.kernels.tensor.Matrix;
import io.tritmill.kernels.tensor.WeightRows;

/** A model whose matrices of blocks are rounded to a clamp(round(w / a), -1, 1), a = mean |w|. */
record TernarySource(Architecture architecture, ModelSource stored) implements ModelSource {
  @Override
  public ModelTensors open() {
    return new Tensors(stored.open());
  }

  private record Tensors(ModelTensors stored) implements ModelTensors {
    @Override
    public WeightRows matrix(TensorSpec spec) {
      WeightRows rows = stored.matrix(spec);
      float[] w = new float[rows.rows() * rows.columns()];
      rows.decode(0, rows.rows(), w, 0);
      double sum = 0;
      for (float weight : w) {
        sum += Math.abs(weight);
      }
      float inverse = (float) (1 / Math.max(sum / w.length, 1e-5));
      for (int i = 0; i < w.length; i++) {
        w[i] = Math.clamp((float) Math.rint(w[i] * inverse), -1, 1) / inverse;
      }
      return new Matrix(rows.rows(), rows.columns(), w);
    }

    @Override
    public float[] vector(TensorSpec spec) {
      return stored.vector(spec);
    }

    @Override
    public void rows(TensorSpec spec, int firstRow, int count, float[] into) {
      stored.rows(spec, firstRow, count, into);
    }

    @Override
    public void close() {
      stored.close();
    }
  }
}
