package io.tritmill.jobs.model;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import io.tritmill.kernels.model.Architecture;
import io.tritmill.kernels.model.Attention;
import io.tritmill.kernels.model.FeedForward;
import io.tritmill.kernels.model.Module;
import io.tritmill.kernels.model.Sublayer;
import io.tritmill.kernels.model.TensorSpec;
import io.tritmill.kernels.model.forward.SublayerWeights;
import io.tritmill.kernels.tensor.WeightRows;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class ModelReaderTest {
  /** Twelve floats a row: the embedding spans two of the stretches that are read at once. */
  private static final int VOCABULARY = 100_000;

  @Test
  void embeddingsAreTheRowsOfTheIdsInAnyOrder() {
    RandomModelSource source = new RandomModelSource(VOCABULARY, true, 1, "");
    float[] all = new float[VOCABULARY * 12];
    int[] ids = {99_999, 0, 7, 7, 87_381, 50_000, 0, 87_382};
    try (ModelReader reader = new ModelReader(source);
        ModelTensors tensors = source.open()) {
      tensors.rows(source.architecture().embedding(), 0, VOCABULARY, all);
      float[] x = reader.embed(ids);
      assertEquals(ids.length * 12, x.length);
      for (int t = 0; t < ids.length; t++) {
        assertArrayEquals(
            Arrays.copyOfRange(all, ids[t] * 12, ids[t] * 12 + 12),
            Arrays.copyOfRange(x, t * 12, t * 12 + 12),
            "id " + ids[t]);
      }
    }
  }

  @Test
  void aTiedHeadIsTheEmbeddingAndAnotherIsNot() {
    float[] head = new float[3 * 12];
    try (ModelReader reader = new ModelReader(new RandomModelSource(20, true, 1, ""))) {
      reader.head(5, 3, head);
      assertArrayEquals(reader.embed(new int[] {5, 6, 7}), head);
    }
    try (ModelReader reader = new ModelReader(new RandomModelSource(20, false, 1, ""))) {
      reader.head(5, 3, head);
      assertFalse(Arrays.equals(reader.embed(new int[] {5, 6, 7}), head));
    }
  }

  @Test
  void matricesAreReadOnceAndOnlyWhereTheyAreNeeded() {
    CountingSource source = new CountingSource(new RandomModelSource(20, true, 1, ""));
    try (ModelReader reader = new ModelReader(source)) {
      Sublayer sublayer = source.architecture().sublayers().get(3);
      SublayerWeights weights = reader.sublayer(sublayer);
      assertEquals(List.of(), source.matrices());
      Module gate = ((FeedForward) sublayer.operator()).gate();
      WeightRows rows = weights.linear(gate).weight();
      float[] decoded = new float[2 * rows.columns()];
      rows.decode(0, 2, decoded, 0);
      rows.decode(1, 1, decoded, 0);
      assertEquals(List.of("model.layers.1.mlp.gate_proj.weight"), source.matrices());
    }
  }

  @Test
  void everyTensorOfASublayerIsThatOfItsName() {
    RandomModelSource source = new RandomModelSource(20, true, 1, "");
    try (ModelReader reader = new ModelReader(source);
        ModelTensors tensors = source.open()) {
      for (Sublayer sublayer : source.architecture().sublayers()) {
        SublayerWeights weights = reader.sublayer(sublayer);
        for (TensorSpec spec : sublayer.tensors()) {
          float[] expected = tensors.vector(spec);
          float[] found = new float[expected.length];
          if (spec.vector()) {
            found = weights.vector(spec);
          } else {
            weights.matrices().get(spec.name()).decode(0, spec.rows(), found, 0);
          }
          assertArrayEquals(expected, found, spec.name());
        }
        for (Module module : sublayer.operator().modules()) {
          boolean biased = sublayer.operator() instanceof Attention;
          assertEquals(biased ? module.rows() : 0, weights.linear(module).bias().length);
        }
      }
    }
  }

  /** Notes the names of the matrices that are read. */
  private record CountingSource(ModelSource source, List<String> matrices) implements ModelSource {
    CountingSource(ModelSource source) {
      this(source, new ArrayList<>());
    }

    @Override
    public Architecture architecture() {
      return source.architecture();
    }

    @Override
    public ModelTensors open() {
      ModelTensors tensors = source.open();
      return new ModelTensors() {
        @Override
        public WeightRows matrix(TensorSpec spec) {
          matrices.add(spec.name());
          return tensors.matrix(spec);
        }

        @Override
        public float[] vector(TensorSpec spec) {
          return tensors.vector(spec);
        }

        @Override
        public void rows(TensorSpec spec, int firstRow, int count, float[] into) {
          tensors.rows(spec, firstRow, count, into);
        }

        @Override
        public void close() {
          tensors.close();
        }
      };
    }
  }
}
