package io.tritmill.jobs.format;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tritmill.jobs.Invocation;
import io.tritmill.jobs.RunFiles;
import io.tritmill.jobs.SharedSpark;
import io.tritmill.jobs.checkpoint.Checkpoint;
import io.tritmill.jobs.checkpoint.SafetensorsBuilder;
import io.tritmill.jobs.quantize.MixedModel;
import io.tritmill.jobs.tensor.TensorReader;
import io.tritmill.kernels.tensor.DType;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Packed files against FORMAT.md: by hand, and by a reader that knows nothing else. */
@Tag("slow")
@ExtendWith(SharedSpark.class)
class PackedFormatTest {
  private static final float[] BY_HAND = {
    2, -2, 0, 0, 2, 0, -2, 0, 0, 0, 0, 0, 0, 0, -0.5f, 0.5f, 0.5f, -0.5f, 0.5f, 0.5f, -0.5f
  };

  @TempDir private static Path directory;

  private static MixedModel mixed;

  @BeforeAll
  static void compress() {
    mixed = MixedModel.in(directory.resolve("mixed"), DType.BF16);
    mixed.compress(directory.resolve("run"), 900, 0);
  }

  private static byte[] golden() throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (var in = PackedFormatTest.class.getResourceAsStream("packed-3x7.txt")) {
      for (String line : new String(in.readAllBytes(), StandardCharsets.US_ASCII).split("\n")) {
        if (line.startsWith("'")) {
          bytes.writeBytes(
              line.substring(1, line.length() - 1).getBytes(StandardCharsets.US_ASCII));
        } else if (!line.startsWith("#")) {
          bytes.writeBytes(HexFormat.of().parseHex(line.replaceAll("#.*|\\s", "")));
        }
      }
    }
    return bytes.toByteArray();
  }

  @Test
  void aFileIsByteForByteWhatTheFormatSays() throws IOException {
    Path model = directory.resolve("model");
    new SafetensorsBuilder()
        .tensor("layers.0.weight", DType.F32, List.of(3, 7), BY_HAND)
        .tensor("kept", DType.BF16, List.of(2), 1, -2)
        .write(model.resolve("model.safetensors"));
    Path run = directory.resolve("by-hand");

    Invocation.of(
            "compress", "--model", model, "--recipe", "twn", "--weights-only", "--output", run)
        .exits(0);

    byte[] found = Files.readAllBytes(run.resolve("model/model.safetensors"));
    assertEquals(
        new String(golden(), StandardCharsets.ISO_8859_1),
        new String(found, StandardCharsets.ISO_8859_1));
  }

  @Test
  void thePlainReaderReadsTheFileThatWasMadeByHand() throws IOException {
    Path file = directory.resolve("golden.safetensors");
    Files.write(file, golden());

    PlainReader reader = new PlainReader(file);

    assertEquals(List.of("layers.0.weight"), List.copyOf(reader.matrices().keySet()));
    assertArrayEquals(BY_HAND, reader.matrices().get("layers.0.weight"));
    assertEquals("F16 [3,1,1]", reader.described("layers.0.weight.scales"));
    assertEquals("U8 [1,5]", reader.described("layers.0.weight.trits"));
    assertEquals("BF16 [2]", reader.described("kept"));
  }

  /** Every kind of scale, widths that nothing divides, several files, tensors of many bands. */
  @Test
  void thePlainReaderReadsEveryBitThatTheForwardPassDoes() throws IOException {
    Map<String, float[]> plain = new HashMap<>();
    for (int shard = 1; shard <= 3; shard++) {
      plain.putAll(new PlainReader(file(shard)).matrices());
    }
    assertEquals(13, ForwardWeights.assertSame(directory.resolve("run/model"), plain));
    assertEquals(13, plain.size());
  }

  private Path file(int shard) {
    return directory.resolve("run/model/model-%05d-of-00003.safetensors".formatted(shard));
  }

  @Test
  void keptTensorsAreUnchangedAndAllAreAligned() throws IOException {
    Checkpoint original = mixed.checkpoint();

    int kept = 0;
    try (TensorReader reader = new TensorReader(SharedSpark.storage())) {
      for (int shard = 1; shard <= 3; shard++) {
        PlainReader packed = new PlainReader(file(shard));
        long headerEnd =
            ByteBuffer.wrap(Files.readAllBytes(file(shard)), 0, 8)
                .order(ByteOrder.LITTLE_ENDIAN)
                .getLong();
        assertEquals(0, headerEnd % 8);
        for (String name : packed.names()) {
          var tensor = original.tensor(name);
          if (tensor.isPresent()) {
            byte[] bytes = new byte[packed.tensor(name).remaining()];
            packed.tensor(name).get(bytes);
            assertArrayEquals(
                reader.bytes(tensor.get(), 0, (int) tensor.get().bytes()), bytes, name);
            assertEquals(tensor.get().dtype(), packed.described(name).split(" ")[0]);
            kept++;
          }
        }
      }
    }
    // Embedding, five norms, and the last block's down_proj.
    assertEquals(7, kept);
  }

  @Test
  void theIndexNamesTheFileOfEveryTensor() throws IOException {
    var index = RunFiles.json(directory.resolve("run/model/model.safetensors.index.json"));

    long bytes = 0;
    int named = 0;
    for (int shard = 1; shard <= 3; shard++) {
      PlainReader reader = new PlainReader(file(shard));
      for (String name : reader.names()) {
        assertEquals(
            file(shard).getFileName().toString(), index.get("weight_map").get(name).asText());
        bytes += reader.tensor(name).remaining();
        named++;
      }
    }
    assertEquals(named, index.get("weight_map").size());
    assertEquals(bytes, index.get("metadata").get("total_size").asLong());
    assertTrue(Arrays.asList(new PlainReader(file(1)).names()).size() > 3);
  }
}
