package io.tritmill.jobs.checkpoint;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tritmill.jobs.checkpoint.SafetensorsBuilder.Sizes;
import io.tritmill.jobs.failure.BadInputException;
import io.tritmill.jobs.failure.ExitCode;
import io.tritmill.jobs.storage.Storage;
import io.tritmill.jobs.tensor.TensorInfo;
import io.tritmill.jobs.tensor.TensorReader;
import io.tritmill.kernels.tensor.DType;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class CheckpointTest {
  @TempDir Path folder;
  private final Storage storage = new Storage(new Configuration(false));

  private Checkpoint open() {
    return Checkpoint.open(storage, storage.path(folder.toString()));
  }

  @ParameterizedTest
  @EnumSource
  void oneFileOrShardsOfAnyTypeHoldTheSameModel(DType type) throws IOException {
    Path one = Files.createDirectory(folder.resolve("one"));
    Path three = Files.createDirectory(folder.resolve("three"));
    SafetensorsBuilder.writeLlama(one, Sizes.TINY, false, type, 1);
    SafetensorsBuilder.writeLlama(three, Sizes.TINY, false, type, 3);
    Checkpoint whole = Checkpoint.open(storage, storage.path(one.toString()));
    Checkpoint sharded = Checkpoint.open(storage, storage.path(three.toString()));
    whole.check();
    sharded.check();
    assertEquals(1, whole.files().size());
    assertEquals(3, sharded.files().size());
    assertEquals(Map.of("format", "pt"), sharded.metadata());
    assertEquals(Map.of("format", "pt"), sharded.metadata(sharded.files().get(1)));
    assertEquals(whole.tensors().size(), sharded.tensors().size());
    try (TensorReader reader = new TensorReader(storage)) {
      for (TensorInfo tensor : whole.tensors()) {
        TensorInfo same = sharded.tensor(tensor.name()).orElseThrow();
        int rows = Math.toIntExact(tensor.rows());
        assertArrayEquals(
            reader.rows(tensor, 0, rows).values(), reader.rows(same, 0, rows).values());
      }
    }
  }

  @Test
  void tensorsComeByFileThenPosition() {
    SafetensorsBuilder.writeLlama(folder, Sizes.TINY, false, DType.F32, 3);
    List<TensorInfo> tensors = open().tensors();
    for (int i = 1; i < tensors.size(); i++) {
      TensorInfo before = tensors.get(i - 1);
      TensorInfo after = tensors.get(i);
      int files = before.file().compareTo(after.file());
      assertTrue(files < 0 || files == 0 && before.offset() < after.offset());
    }
  }

  @Test
  void travelsToExecutors() throws IOException, ClassNotFoundException {
    SafetensorsBuilder.writeLlama(folder, Sizes.TINY, true, DType.BF16, 2);
    Checkpoint checkpoint = open();
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ObjectOutputStream out = new ObjectOutputStream(bytes)) {
      out.writeObject(checkpoint);
    }
    try (ObjectInputStream in =
        new ObjectInputStream(new ByteArrayInputStream(bytes.toByteArray()))) {
      Checkpoint travelled = (Checkpoint) in.readObject();
      assertEquals(checkpoint.tensors(), travelled.tensors());
      assertEquals(checkpoint.architecture(), travelled.architecture());
      assertEquals(checkpoint.directory(), travelled.directory());
    }
  }

  @Test
  void extraTensorsAreKeptAndSaid() {
    SafetensorsBuilder builder = new SafetensorsBuilder();
    SafetensorsBuilder.llamaShapes(Sizes.TINY, true)
        .forEach((name, shape) -> builder.random(name, DType.F32, shape));
    builder.raw("model.layers.0.self_attn.rotary_emb.inv_freq", "F32", List.of(2), new byte[8]);
    builder.raw("vision.\u202etower", "I8", List.of(3, 2), new byte[6]);
    builder.write(folder.resolve("model.safetensors"));
    SafetensorsBuilder.writeJson(
        folder.resolve("config.json"), SafetensorsBuilder.llamaConfig(Sizes.TINY, true));
    Checkpoint checkpoint = open();
    checkpoint.check();
    assertEquals(2, checkpoint.extras().size());
    assertEquals(1, checkpoint.remarks().size());
    String remark = checkpoint.remarks().getFirst();
    assertTrue(
        remark.endsWith("none of 1 tensors, which are kept as they are: vision.\\u202etower"));
  }

  @Test
  void aStoredHeadIsUsedThoughConfigTiesIt() {
    SafetensorsBuilder.writeLlama(folder, Sizes.TINY, false, DType.F32, 1);
    SafetensorsBuilder.writeJson(
        folder.resolve("config.json"), SafetensorsBuilder.llamaConfig(Sizes.TINY, true));
    Checkpoint checkpoint = open();
    checkpoint.check();
    assertFalse(checkpoint.architecture().tied());
    assertEquals(List.of(), checkpoint.extras());
    assertTrue(checkpoint.remarks().getFirst().contains("has a head of its own"));
  }

  @Test
  void companionsAreNeitherWeightsNorCode() throws IOException {
    SafetensorsBuilder.writeLlama(folder, Sizes.TINY, true, DType.F32, 1);
    for (String name :
        List.of(
            "tokenizer.json",
            "README.md",
            "LICENSE",
            "generation_config.json",
            "pytorch_model.bin",
            "modeling_llama.py",
            "README.py",
            "consolidated.safetensors",
            "notes.json")) {
      Files.writeString(folder.resolve(name), "{}");
    }
    Checkpoint checkpoint = open();
    assertEquals(
        List.of("LICENSE", "README.md", "config.json", "generation_config.json", "tokenizer.json"),
        checkpoint.companions().stream().map(Companion::name).toList());
    assertTrue(checkpoint.remarks().getFirst().contains("consolidated.safetensors is no part"));
  }

  @Test
  void linksOfAHubCacheAreFollowed() throws IOException {
    Path blobs = Files.createDirectories(folder.resolve("models--a--b/blobs"));
    Path snapshot = Files.createDirectories(folder.resolve("models--a--b/snapshots/0123"));
    SafetensorsBuilder.writeLlama(blobs, Sizes.TINY, true, DType.BF16, 2);
    try (var files = Files.list(blobs)) {
      for (Path file : files.toList()) {
        Path blob = Files.move(file, file.resolveSibling("b" + file.getFileName().hashCode()));
        Files.createSymbolicLink(
            snapshot.resolve(file.getFileName()),
            Path.of("../../blobs").resolve(blob.getFileName()));
      }
    }
    Checkpoint checkpoint = Checkpoint.open(storage, storage.path(snapshot.toString()));
    checkpoint.check();
    TensorInfo norm = checkpoint.tensor("model.norm.weight").orElseThrow();
    try (TensorReader reader = new TensorReader(storage)) {
      assertEquals(16, reader.rows(norm, 0, 1).columns());
    }
  }

  @Test
  void weightsAloneNeedNoUnderstandableConfig() {
    new SafetensorsBuilder()
        .random("encoder.weight", DType.F16, List.of(3, 4))
        .write(folder.resolve("anything.safetensors"));
    assertEquals(1, open().tensors().size());
    assertTrue(open().modelType().isEmpty());
    assertTrue(open().configBytes().isEmpty());
    BadInputException refusal = assertThrows(BadInputException.class, () -> open().architecture());
    assertEquals(ExitCode.BROKEN_INPUT, refusal.exitCode());

    SafetensorsBuilder.writeJson(folder.resolve("config.json"), Map.of("model_type", "t5"));
    assertEquals("t5", open().modelType().orElseThrow());
    assertEquals(1, open().tensors().size());
  }
}
