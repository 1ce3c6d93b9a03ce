package io.tritmill.jobs.model;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import io.tritmill.kernels.model.BlockWeights;
import io.tritmill.kernels.model.Linear;
import io.tritmill.kernels.model.ModelConfig;
import io.tritmill.kernels.model.Role;
import io.tritmill.kernels.model.TensorSpec;
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
      tensors.rows(source.specs().getFirst(), 0, VOCABULARY, all);
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
      BlockWeights block = reader.block(1);
      assertEquals(List.of(), source.matrices());
      Linear gate = block.gate();
      float[] rows = new float[2 * gate.weight().columns()];
      gate.weight().decode(0, 2, rows, 0);
      gate.weight().decode(1, 1, rows, 0);
      assertEquals(List.of(Role.GATE), source.matrices());
    }
  }

  @Test
  void everyWeightOfABlockIsThatOfItsRole() {
    RandomModelSource source = new RandomModelSource(20, true, 1, "");
    try (ModelReader reader = new ModelReader(source);
        ModelTensors tensors = source.open()) {
      BlockWeights block = reader.block(1);
      for (TensorSpec spec : source.specs()) {
        if (spec.block() == 1 && !spec.bias() && spec.role() != Role.ATTENTION_NORM) {
          float[] expected = tensors.vector(spec);
          assertArrayEquals(expected, found(block, spec.role(), expected.length), spec.name());
        }
      }
      assertEquals(16, block.query().bias().length);
      assertEquals(8, block.value().bias().length);
      assertEquals(0, block.down().bias().length);
    }
  }

  private static float[] found(BlockWeights block, Role role, int length) {
    float[] found = new float[length];
    switch (role) {
      case QUERY -> block.query().weight().decode(0, 16, found, 0);
      case KEY -> block.key().weight().decode(0, 8, found, 0);
      case VALUE -> block.value().weight().decode(0, 8, found, 0);
      case OUTPUT -> block.output().weight().decode(0, 12, found, 0);
      case GATE -> block.gate().weight().decode(0, 20, found, 0);
      case UP -> block.up().weight().decode(0, 20, found, 0);
      case DOWN -> block.down().weight().decode(0, 12, found, 0);
      case FEED_FORWARD_NORM -> System.arraycopy(block.feedForwardNorm(), 0, found, 0, length);
      case EMBEDDING, ATTENTION_NORM, FINAL_NORM, HEAD -> throw new AssertionError(role);
    }
    return found;
  }

  /** Notes the roles of the matrices that are read. */
  private record CountingSource(ModelSource source, List<Role> matrices) implements ModelSource {
    CountingSource(ModelSource source) {
      this(source, new ArrayList<>());
    }

    @Override
    public ModelConfig config() {
      return source.config();
    }

    @Override
    public List<TensorSpec> specs() {
      return source.specs();
    }

    @Override
    public ModelTensors open() {
      ModelTensors tensors = source.open();
      return new ModelTensors() {
        @Override
        public WeightRows matrix(TensorSpec spec) {
          matrices.add(spec.role());
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
