package io.tritmill.jobs.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.tritmill.jobs.Invocation;
import io.tritmill.jobs.RunFiles;
import io.tritmill.jobs.SharedSpark;
import io.tritmill.jobs.checkpoint.SafetensorsBuilder;
import io.tritmill.jobs.run.Manifest;
import io.tritmill.jobs.run.RunDirectory;
import io.tritmill.jobs.storage.Storage;
import io.tritmill.kernels.tensor.DType;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Bytes and descriptions of packed weights that cannot be are one sentence, on executors too. */
@Tag("slow")
@ExtendWith(SharedSpark.class)
class SpoiledPackedModelTest {
  private static final String QUERY = "model.layers.0.self_attn.q_proj.weight";

  @TempDir private static Path made;

  @TempDir private Path directory;
  private Path run;
  private Path weights;

  @BeforeAll
  static void compress() throws IOException {
    Path model = made.resolve("model");
    SafetensorsBuilder.writeLlama(model, SafetensorsBuilder.Sizes.TINY, true, DType.F32, 1);
    Files.writeString(made.resolve("data.jsonl"), "{\"input_ids\": [1, 2, 3, 4, 5, 6, 7]}\n");
    Invocation.of(
            "compress", "--model", model, "--recipe", "ptqtp", "--output", made.resolve("run"))
        .exits(0);
  }

  @BeforeEach
  void copy() {
    run = directory.resolve("run");
    RunFiles.copy(made.resolve("run"), run);
    weights = run.resolve("model/model.safetensors");
  }

  private Invocation evaluate() {
    return Invocation.of("evaluate", run.resolve("model"), "--dataset", made.resolve("data.jsonl"));
  }

  private static int headerBytes(byte[] file) {
    return (file[0] & 0xff) + ((file[1] & 0xff) << 8) + ((file[2] & 0xff) << 16);
  }

  /** Writes a byte of a tensor's, with a manifest that vouches for it. */
  private void spoil(String tensor, int at, int value) throws IOException {
    byte[] bytes = Files.readAllBytes(weights);
    int header = headerBytes(bytes);
    JsonNode described =
        new ObjectMapper().readTree(new String(bytes, 8, header, StandardCharsets.UTF_8));
    bytes[8 + header + described.get(tensor).get("data_offsets").get(0).asInt() + at] =
        (byte) value;
    Files.write(weights, bytes);
    Storage storage = SharedSpark.storage();
    RunDirectory directory = RunDirectory.at(storage.path(run.toString()));
    Manifest manifest = Manifest.read(storage, directory);
    Manifest.of(storage, directory, manifest.model(), manifest.modelSha256(), List.of())
        .publish(storage, directory);
  }

  @ParameterizedTest
  @ValueSource(ints = {243, 250, 255})
  void aByteThatIsNoFiveTritsIsNamedWithItsTensorAndFile(int code) throws IOException {
    spoil(QUERY + ".trits", 3, code);

    for (Invocation refused :
        List.of(evaluate().exits(4), Invocation.of("verify", run, "--layers", 100).exits(7))) {
      String line = refused.err().lines().toList().getLast();
      assertTrue(line.contains("model.safetensors: packed tensor " + QUERY + ": "), line);
      assertTrue(line.contains("is %d, expected at most 242".formatted(code)), line);
      assertFalse(refused.err().contains("\tat "), refused.err());
    }
  }

  @Test
  void aScaleThatIsNotFiniteIsNamedWithItsTensorAndFile() throws IOException {
    spoil(QUERY + ".scales", 1, 0x7c);

    String line = evaluate().exits(4).err().lines().toList().getLast();
    assertTrue(line.contains("model.safetensors: packed tensor " + QUERY + ": "), line);
  }

  @ParameterizedTest
  @CsvSource(
      quoteCharacter = '`',
      value = {
        "`\\\\\"planes\\\\\":2`, `\\\\\"planes\\\\\":9`",
        "`\\\\\"planes\\\\\":2`, `\\\\\"plenes\\\\\":2`",
        "`\\\\\"shape\\\\\":`, `\\\\\"shepe\\\\\":`",
        "`:\\{\\\\\"dtype.*?\\}`, `:null`",
      })
  void aDescriptionThatIsNotWholeIsNamed(String from, String to) throws IOException {
    byte[] bytes = Files.readAllBytes(weights);
    int header = headerBytes(bytes);
    String text = new String(bytes, 8, header, StandardCharsets.ISO_8859_1);
    String changed = text.replaceFirst(from, to.replace("\\", "\\\\"));
    assertFalse(changed.equals(text), text.substring(0, 300));
    byte[] padded =
        (changed + " ".repeat(header)).substring(0, header).getBytes(StandardCharsets.ISO_8859_1);
    System.arraycopy(padded, 0, bytes, 8, header);
    Files.write(weights, bytes);

    Invocation refused = evaluate();
    String line = refused.err().lines().toList().getLast();
    refused.exits(4);
    assertTrue(line.startsWith("tritmill: "), line);
    assertTrue(line.contains("model.safetensors: "), line);
    assertEquals(1, refused.err().lines().count(), refused.err());
  }
}
