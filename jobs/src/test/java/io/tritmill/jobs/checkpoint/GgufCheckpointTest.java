package io.tritmill.jobs.checkpoint;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.tritmill.jobs.checkpoint.SafetensorsBuilder.Sizes;
import io.tritmill.jobs.failure.BadInputException;
import io.tritmill.jobs.failure.ExitCode;
import io.tritmill.jobs.gguf.GgufLlama;
import io.tritmill.jobs.storage.Storage;
import io.tritmill.jobs.tensor.Dress;
import io.tritmill.jobs.tensor.TensorInfo;
import io.tritmill.jobs.tensor.TensorReader;
import io.tritmill.kernels.model.Attention;
import io.tritmill.kernels.model.Rope;
import io.tritmill.kernels.tensor.BlockType;
import io.tritmill.kernels.tensor.DType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A GGUF file is the checkpoint that it was made from. */
class GgufCheckpointTest {
  private static final Sizes SIZES = new Sizes(64, 32, 64, 2, 4, 2);
  private static final String QUERY = "model.layers.1.self_attn.q_proj.weight";

  @TempDir Path folder;
  private final Storage storage = new Storage(new Configuration());

  private Checkpoint open(Path path) {
    return Checkpoint.open(storage, storage.path(path.toString()));
  }

  private Checkpoint tiny(boolean tied) {
    return open(GgufLlama.of(SIZES, tied).write(folder.resolve("tiny.gguf")));
  }

  private Checkpoint safetensors(boolean tied) {
    Path model = folder.resolve("safetensors");
    SafetensorsBuilder.writeLlama(model, SIZES, tied, DType.F32, 1);
    return open(model);
  }

  private void assertSame(Checkpoint expected, Checkpoint found) {
    found.check();
    assertEquals(expected.architecture(), found.architecture());
    assertEquals(List.of(), found.extras());
    assertEquals(expected.tensors().size(), found.tensors().size());
    try (TensorReader reader = new TensorReader(storage)) {
      for (TensorInfo tensor : expected.tensors()) {
        TensorInfo same = found.tensor(tensor.name()).orElseThrow();
        assertEquals(tensor.shape(), same.shape());
        int rows = Math.toIntExact(tensor.rows());
        assertArrayEquals(
            reader.rows(tensor, 0, rows).values(),
            reader.rows(same, 0, rows).values(),
            tensor.name());
      }
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void allOfItIsThatOfTheCheckpointItWasMadeFrom(boolean tied) {
    Checkpoint checkpoint = tiny(tied);
    assertSame(safetensors(tied), checkpoint);
    assertEquals(tied, checkpoint.architecture().tied());
    assertEquals(List.of(), checkpoint.remarks());
    assertFalse(checkpoint.isDescribed());
  }

  @Test
  void aFolderOrAnyPartOpensAllPartsOfASplitModel() throws IOException {
    Path parts = folder.resolve("parts");
    List<Path> files = GgufLlama.of(SIZES, false).writeParts(parts, 3);
    for (Path given : List.of(parts, files.getFirst(), files.getLast())) {
      Checkpoint checkpoint = open(given);
      assertEquals(3, checkpoint.files().size());
      assertSame(safetensors(false), checkpoint);
    }
    Files.write(parts.resolve("other.gguf"), new byte[0]);
    assertRefused(ExitCode.BROKEN_INPUT, "holds 2 models as GGUF files, other.gguf, tiny-*", parts);
  }

  @Test
  void safetensorsBesideAGgufFileAreTheCheckpoint() {
    Path model = folder.resolve("both");
    SafetensorsBuilder.writeLlama(model, SIZES, true, DType.F32, 1);
    GgufLlama.of(SIZES, true).write(model.resolve("tiny.gguf"));
    assertTrue(open(model).files().getFirst().endsWith("model.safetensors"));
  }

  @Test
  void anyByteRangeOfInterleavedRowsIsThatOfRowsInOrder() {
    TensorInfo stored = tiny(true).tensor(QUERY).orElseThrow();
    TensorInfo ordered = safetensors(true).tensor(QUERY).orElseThrow();
    assertEquals(Dress.interleaved(4), stored.dress());
    assertEquals(List.of(), stored.parts());
    Random random = new Random(3);
    try (TensorReader reader = new TensorReader(storage)) {
      for (int i = 0; i < 200; i++) {
        int from = random.nextInt((int) stored.bytes());
        int count = random.nextInt((int) stored.bytes() - from + 1);
        assertArrayEquals(reader.bytes(ordered, from, count), reader.bytes(stored, from, count));
      }
    }
  }

  @Test
  void blocksAreDecodedRowByRowInOrder() throws IOException {
    Path file =
        GgufLlama.of(SIZES, true).blocks("blk.1.attn_q.weight").write(folder.resolve("q.gguf"));
    TensorInfo tensor = open(file).tensor(QUERY).orElseThrow();
    assertEquals("Q8_0", tensor.dtype());
    byte[] all = Files.readAllBytes(file);
    int rowBytes = (int) BlockType.Q8_0.bytes(SIZES.hidden());
    int row = 13;
    // Of the second head of eight rows: the second of the odd ones.
    int at = (int) tensor.offset() + (8 + 3) * rowBytes;
    float[] expected = new float[SIZES.hidden()];
    BlockType.Q8_0.decode(all, at, expected, 0, expected.length);
    try (TensorReader reader = new TensorReader(storage)) {
      assertArrayEquals(expected, reader.rows(tensor, row, 1).values());
      float[] same = new float[expected.length];
      reader.encoded(tensor).decode(row, 1, same, 0);
      assertArrayEquals(expected, same);
    }
  }

  @Test
  void theFactorsOfLlamasThirdAreItsScaling() {
    double base = 500_000;
    int pairs = SIZES.hidden() / SIZES.heads() / 2;
    float[] factors = new float[pairs];
    for (int i = 0; i < pairs; i++) {
      double turns = 8192 / (2 * Math.PI * Math.pow(base, (double) i / pairs));
      double share = Math.clamp((turns - 1) / 3, 0, 1);
      factors[i] = (float) (1 / ((1 - share) / 32 + share));
    }
    GgufLlama model =
        GgufLlama.of(SIZES, true)
            .key("llama.rope.freq_base", (float) base)
            .tensor("rope_freqs.weight", GgufLlama.F32, List.of(pairs), GgufLlama.floats(factors));
    Checkpoint checkpoint = open(model.write(folder.resolve("rope.gguf")));
    Attention attention = (Attention) checkpoint.architecture().sublayers().getFirst().operator();
    assertEquals(new Rope(base, new Rope.Llama3(32, 1, 4, 8192), 2 * pairs), attention.rope());
    assertTrue(checkpoint.tensor("rope_freqs.weight").isEmpty());
    factors[pairs - 2] += 1;
    model.tensor("rope_freqs.weight", GgufLlama.F32, List.of(pairs), GgufLlama.floats(factors));
    assertRefused(
        ExitCode.UNSUPPORTED,
        "rope_freqs.weight divides frequency 2 by",
        model.write(folder.resolve("rope.gguf")));
  }

  private void assertRefused(ExitCode code, String part, Path path) {
    BadInputException e = assertThrows(BadInputException.class, () -> open(path).check());
    assertTrue(e.getMessage().contains(part), e.getMessage());
    assertEquals(code, e.exitCode(), e.getMessage());
  }

  private static Arguments refused(ExitCode code, String part, Consumer<GgufLlama> change) {
    return arguments(code, part, change);
  }

  private static Consumer<GgufLlama> key(String key, Object value) {
    return model -> model.key(key, value);
  }

  private static byte[] zeros(int floats) {
    return new byte[4 * floats];
  }

  static Stream<Arguments> contradictions() {
    ExitCode broken = ExitCode.BROKEN_INPUT;
    ExitCode unsupported = ExitCode.UNSUPPORTED;
    return Stream.of(
        refused(broken, "has no general.architecture", key("general.architecture", null)),
        refused(
            unsupported,
            "general.architecture is mamba, expected one of [apertus, arcee,",
            key("general.architecture", "mamba")),
        refused(broken, "has no llama.block_count", key("llama.block_count", null)),
        refused(
            broken,
            "llama.block_count is two, expected a whole number",
            key("llama.block_count", "two")),
        refused(broken, "llama.block_count is 0, expected at least 1", key("llama.block_count", 0)),
        refused(
            broken,
            "llama.block_count is 1000000000, expected at most",
            key("llama.block_count", 1_000_000_000)),
        refused(broken, "asks for the tensor model.layers.2.", key("llama.block_count", 3)),
        refused(
            broken,
            "attn_q.weight has 32 rows, expected 3 heads",
            key("llama.attention.head_count", 3)),
        refused(
            broken, "head_count is 0, expected at least 1", key("llama.attention.head_count", 0)),
        refused(broken, "has 16 rows, expected 5 heads", key("llama.attention.head_count_kv", 5)),
        refused(broken, "has shape [64, 32], but", key("llama.feed_forward_length", 65)),
        refused(
            broken,
            "llama.vocab_size is 63, but token_embd.weight has 64 rows",
            key("llama.vocab_size", 63)),
        refused(
            broken,
            "layer_norm_rms_epsilon is NaN, expected a finite",
            key("llama.attention.layer_norm_rms_epsilon", Float.NaN)),
        refused(
            broken,
            "has no llama.attention.layer_norm_rms_epsilon",
            key("llama.attention.layer_norm_rms_epsilon", null)),
        refused(broken, "a head has 7 dimensions", key("llama.attention.key_length", 7)),
        refused(
            unsupported,
            "rope.dimension_count is 4, but a head has 8",
            key("llama.rope.dimension_count", 4)),
        refused(
            unsupported,
            "tensor blk.0.ffn_gate.weight is none that a model of architecture llama",
            key("llama.expert_count", 8)),
        refused(broken, "has no llama.rope.scaling.factor", key("llama.rope.scaling.type", "yarn")),
        refused(unsupported, "scaling.type is su", key("llama.rope.scaling.type", "su")),
        refused(
            unsupported,
            "has the key llama.attn_logit_softcapping, which a model_type of llama does not know",
            key("llama.attn_logit_softcapping", 50f)),
        refused(
            unsupported, "llama.attention.causal is false", key("llama.attention.causal", false)),
        refused(
            unsupported,
            "head_count is [4, 2], expected the same for every block",
            key("llama.attention.head_count", List.of(4, 2))),
        refused(
            broken,
            "bos_token_id is 64, but vocab_size is 64",
            key("tokenizer.ggml.bos_token_id", 64)),
        refused(
            broken,
            "bos_token_id is 2 elements: [1, 2], expected",
            key("tokenizer.ggml.bos_token_id", List.of(1, 2))),
        refused(
            broken,
            "says that it is part 1 of 2, but by its name it is part 1 of 1",
            key("split.count", 2)),
        refused(broken, "says that the model has 99 tensors", key("split.tensors.count", 99)),
        refused(
            unsupported,
            "tensor blk.0.attn_q.scale is none that",
            m -> m.tensor("blk.0.attn_q.scale", GgufLlama.F32, List.of(1), zeros(1))),
        refused(
            unsupported,
            "tensor blk.00.attn_q.weight is none that",
            m -> m.tensor("blk.00.attn_q.weight", GgufLlama.F32, List.of(1), zeros(1))),
        refused(
            broken,
            "has no tensor token_embd.weight",
            m -> m.tensor("token_embd.weight", 0, null, null)),
        refused(
            broken,
            "asks for the tensor model.layers.0.mlp.up_proj.weight",
            m -> m.tensor("blk.0.ffn_up.weight", 0, null, null)),
        refused(
            broken,
            "q_proj.weight has shape [32]",
            m -> m.tensor("blk.0.attn_q.weight", GgufLlama.F32, List.of(32), zeros(32))),
        refused(
            broken,
            "has 0 rows, expected 4 heads",
            m -> m.tensor("blk.0.attn_q.weight", GgufLlama.F32, List.of(), zeros(1))),
        refused(
            unsupported,
            "blk.0.ffn_up.weight is of type I32, expected one of",
            m -> m.tensor("blk.0.ffn_up.weight", 26, List.of(64, 32), zeros(64 * 32))),
        refused(
            unsupported,
            "is of type IQ3_S, expected one of",
            m -> m.tensor("blk.0.ffn_up.weight", 21, List.of(8, 256), new byte[880])),
        refused(
            unsupported,
            "has the type 4000, which is unknown",
            m -> m.tensor("blk.0.ffn_up.weight", 4000, List.of(64, 32), zeros(64 * 32))),
        refused(
            broken,
            "has rows of 31, but a block of Q8_0",
            m -> m.tensor("blk.0.ffn_up.weight", GgufLlama.Q8_0, List.of(64, 31), zeros(64 * 32))));
  }

  @ParameterizedTest
  @MethodSource("contradictions")
  void whatDoesNotBelongTogetherIsRefused(ExitCode code, String part, Consumer<GgufLlama> change) {
    GgufLlama model = GgufLlama.of(SIZES, true);
    change.accept(model);
    assertRefused(code, part, model.write(folder.resolve("changed.gguf")));
  }

  @Test
  void aFileCutAnywhereIsRefused() throws IOException {
    byte[] whole = GgufLlama.of(SIZES, true).bytes();
    Random random = new Random(11);
    List<Integer> ends = new ArrayList<>(List.of(0, 3, 4, 24));
    random.ints(60, 25, whole.length - 32).forEach(ends::add);
    for (int end : ends) {
      Path file = Files.write(folder.resolve("cut.gguf"), Arrays.copyOf(whole, end));
      BadInputException e = assertThrows(BadInputException.class, () -> open(file));
      assertEquals(ExitCode.BROKEN_INPUT, e.exitCode(), e.getMessage());
    }
  }

  @Test
  void partsThatAreMissingOrOfAnotherModelAreRefused() throws IOException {
    Path parts = folder.resolve("parts");
    List<Path> files = GgufLlama.of(SIZES, true).writeParts(parts, 3);
    Path kept = Files.copy(files.get(1), folder.resolve("kept"));
    Files.delete(files.get(1));
    assertRefused(
        ExitCode.BROKEN_INPUT,
        "tiny-00002-of-00003.gguf: is not there, but tiny-00003-of-00003.gguf says",
        files.get(2));
    Files.copy(files.get(2), files.get(1));
    assertRefused(ExitCode.BROKEN_INPUT, "says that it is part 3 of 3, but by its name", parts);
    Files.delete(files.get(1));
    Files.copy(kept, files.get(1));
    assertEquals(20, open(parts).tensors().size());
    Path renamed = Files.move(files.get(1), parts.resolve("x-00000-of-00000.gguf"));
    assertRefused(ExitCode.BROKEN_INPUT, "is a part of none by its name", renamed);
  }
}
