package io.tritmill.jobs;

import com.fasterxml.jackson.core.json.JsonReadFeature;
import com.fasterxml.jackson.core.json.JsonWriteFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tritmill.jobs.checkpoint.SafetensorsBuilder;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * A copy of a small random Llama of 95,000 parameters with a tokenizer of bytes, for tests to
 * change, and three sentences whose perplexity transformers computed.
 *
 * @param directory where the copy lies
 */
public record CaseModel(Path directory) {
  /** Of the model as it is, over the three sentences, by documents of at most 256 tokens. */
  public static final double PERPLEXITY = 1431.4627;

  // Python writes NaN and Infinity, which is no JSON.
  private static final ObjectMapper MAPPER =
      JsonMapper.builder()
          .enable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS)
          .disable(JsonWriteFeature.WRITE_NAN_AS_STRINGS)
          .build();
  private static final List<String> FILES =
      List.of(
          "model/config.json",
          "model/model.safetensors",
          "model/tokenizer.json",
          "model/tokenizer_config.json",
          "data.jsonl");

  /**
   * A tensor of its weights.
   *
   * @param dtype as safetensors spells it
   */
  public record Tensor(String dtype, List<Integer> shape, byte[] bytes) {}

  /** Writes the copy. */
  public static CaseModel in(Path directory) {
    try {
      for (String file : FILES) {
        Files.createDirectories(directory.resolve(file).getParent());
        try (InputStream in = CaseModel.class.getResourceAsStream("/cases/" + file)) {
          Files.write(directory.resolve(file), in.readAllBytes());
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return new CaseModel(directory);
  }

  /** The checkpoint. */
  public Path model() {
    return directory.resolve("model");
  }

  /** The three sentences. */
  public Path data() {
    return directory.resolve("data.jsonl");
  }

  /** Gives keys of config.json other values, as an object of JSON has them. */
  public CaseModel config(String changes) {
    return edit(config -> config.setAll((ObjectNode) parse(changes)));
  }

  /** Takes keys out of config.json. */
  public CaseModel without(String... keys) {
    return edit(config -> config.remove(List.of(keys)));
  }

  private CaseModel edit(Consumer<ObjectNode> change) {
    Path file = model().resolve("config.json");
    try {
      ObjectNode config = (ObjectNode) parse(Files.readString(file));
      change.accept(config);
      Files.writeString(file, MAPPER.writerWithDefaultPrettyPrinter().writeValueAsString(config));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return this;
  }

  /** Changes the tensors by their names. */
  public CaseModel tensors(Consumer<Map<String, Tensor>> change) {
    Path file = model().resolve("model.safetensors");
    try {
      byte[] bytes = Files.readAllBytes(file);
      int data = 8 + (int) ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).getLong();
      Map<String, Tensor> tensors = new LinkedHashMap<>();
      MAPPER
          .readTree(bytes, 8, data - 8)
          .properties()
          .forEach(
              entry -> {
                JsonNode described = entry.getValue();
                if (described.has("dtype")) {
                  List<Integer> shape = new ArrayList<>();
                  described.get("shape").forEach(size -> shape.add(size.asInt()));
                  int from = data + described.get("data_offsets").get(0).asInt();
                  int to = data + described.get("data_offsets").get(1).asInt();
                  tensors.put(
                      entry.getKey(),
                      new Tensor(
                          described.get("dtype").asText(),
                          shape,
                          Arrays.copyOfRange(bytes, from, to)));
                }
              });
      change.accept(tensors);
      SafetensorsBuilder builder = new SafetensorsBuilder().metadata("format", "pt");
      tensors.forEach((name, t) -> builder.raw(name, t.dtype(), t.shape(), t.bytes()));
      builder.write(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return this;
  }

  /** Evaluates it over the three sentences, by documents of at most 256 tokens, as JSON. */
  public Invocation evaluate(Object... more) {
    List<Object> arguments =
        new ArrayList<>(List.of("evaluate", model(), "--dataset", data(), "--format", "json"));
    arguments.addAll(List.of("--sequence-length", 256));
    arguments.addAll(List.of(more));
    return Invocation.of(arguments.toArray());
  }

  /** Its perplexity over the three sentences. */
  public double perplexity() {
    return evaluate().exits(0).json().get("perplexity").asDouble();
  }

  private static JsonNode parse(String json) {
    try {
      return MAPPER.readTree(json);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
