package io.tritmill.jobs.model;

import io.tritmill.kernels.model.Architecture;
import io.tritmill.kernels.model.TensorSpec;
import io.tritmill.kernels.model.config.ConfigValues;
import io.tritmill.kernels.model.describe.StoredTensors;
import io.tritmill.kernels.model.family.ModelFamily;
import io.tritmill.kernels.tensor.Matrix;
import io.tritmill.kernels.tensor.WeightRows;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;

/**
 * A small model without files: weights are Gaussian, seeded by the name of their tensor.
 *
 * @param vocabulary rows of embedding and head
 * @param tied whether the head is the embedding
 * @param seed makes models differ
 * @param spoiled name of a tensor that is all infinity; empty for none
 */
public record RandomModelSource(int vocabulary, boolean tied, long seed, String spoiled)
    implements ModelSource {
  private static final long serialVersionUID = 1L;

  @Override
  public Architecture architecture() {
    Map<String, Object> values = new HashMap<>();
    values.put("vocab_size", vocabulary);
    values.put("hidden_size", 12);
    values.put("intermediate_size", 20);
    values.put("num_hidden_layers", 2);
    values.put("num_attention_heads", 4);
    values.put("num_key_value_heads", 2);
    values.put("head_dim", 4);
    values.put("attention_bias", true);
    values.put("tie_word_embeddings", tied);
    values.put("max_position_embeddings", 40);
    return ModelFamily.of("llama")
        .orElseThrow()
        .describe(new ConfigValues(values), StoredTensors.none(2));
  }

  @Override
  public ModelTensors open() {
    return new Tensors(this);
  }

  private float[] values(TensorSpec spec) {
    float[] values = new float[spec.shape().stream().reduce(1, Math::multiplyExact)];
    if (spec.name().equals(spoiled)) {
      Arrays.fill(values, Float.POSITIVE_INFINITY);
      return values;
    }
    Random random = new Random(spec.name().hashCode() + seed);
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return values;
  }

  private record Tensors(RandomModelSource model) implements ModelTensors {
    @Override
    public WeightRows matrix(TensorSpec spec) {
      return new Matrix(spec.shape().get(0), spec.shape().get(1), model.values(spec));
    }

    @Override
    public float[] vector(TensorSpec spec) {
      return model.values(spec);
    }

    @Override
    public void rows(TensorSpec spec, int firstRow, int count, float[] into) {
      matrix(spec).decode(firstRow, count, into, 0);
    }

    @Override
    public void close() {}
  }
}
