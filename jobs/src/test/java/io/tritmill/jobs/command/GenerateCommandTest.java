package io.tritmill.jobs.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tritmill.jobs.Invocation;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Text from the bundled model, from arguments to stdout. */
class GenerateCommandTest {
  private static final Path ROOT = Path.of(System.getProperty("tritmill.root"));
  private static final Path MODEL = ROOT.resolve("examples/demo-6m");
  private static final ObjectMapper JSON = new ObjectMapper();

  @TempDir private Path directory;

  private static Invocation generate(Object model, Object... more) {
    List<Object> line = new ArrayList<>(List.of("generate", model));
    line.addAll(List.of(more));
    return Invocation.of(line.toArray());
  }

  static Stream<JsonNode> texts() throws IOException {
    List<JsonNode> texts = new ArrayList<>();
    JSON.readTree(Path.of("src/test/resources/generate/demo-6m.json").toFile()).forEach(texts::add);
    return texts.stream();
  }

  @ParameterizedTest
  @MethodSource("texts")
  void theMostLikelyTextIsThatOfTransformers(JsonNode expected) throws IOException {
    int tokens = expected.get("tokens").size();
    String prompt = expected.get("prompt").asText();
    JsonNode found =
        generate(MODEL, "--prompt", prompt, "--max-tokens", tokens, "--format", "json")
            .exits(0)
            .json();
    assertEquals(expected.get("prompt_tokens").size(), found.get("prompt_tokens").asInt());
    JsonNode ids = expected.get("tokens");
    int end = tokens;
    for (int i = tokens - 1; i >= 0; i--) {
      // transformers was told to go on behind the token that ends a text.
      end = ids.get(i).asInt() == 1 ? i + 1 : end;
    }
    for (int i = 0; i < end; i++) {
      assertEquals(ids.get(i), found.get("token_ids").get(i), "token " + i);
    }
    assertEquals(end, found.get("tokens").asInt());
    if (end == tokens) {
      assertEquals(expected.get("text"), found.get("text"));
      assertEquals("length", found.get("finish_reason").asText());
    }
  }

  @Test
  void textIsAllOfStdoutAndSpeedIsOnStderr() {
    Invocation text = generate(MODEL, "--prompt", "Once upon a time", "--max-tokens", 12).exits(0);
    JsonNode json =
        generate(MODEL, "--prompt", "Once upon a time", "--max-tokens", 12, "--format", "json")
            .exits(0)
            .json();
    assertEquals(json.get("text").asText() + System.lineSeparator(), text.out());
    assertTrue(
        text.err().matches("(?s).*prompt of \\d+ tokens in .* tokens a second; 12 tokens, .*\\R"),
        text.err());
  }

  @Test
  void aTextEndsBeforeAStop() {
    String all = text("--max-tokens", 40);
    String stop = all.substring(20, 26);
    JsonNode found = json("--max-tokens", 40, "--stop", "never in it", "--stop", stop);
    assertEquals(all.substring(0, all.indexOf(stop)), found.get("text").asText());
    assertEquals("stop", found.get("finish_reason").asText());
  }

  @Test
  void aTokenThatEndsATextIsNoPartOfIt() throws IOException {
    JsonNode all = json("--max-tokens", 12);
    int id = all.get("token_ids").get(7).asInt();
    for (String file : List.of("config.json", "generation_config.json")) {
      Path other = copy(file.replace(".json", ""));
      ObjectNode config = (ObjectNode) JSON.readTree(other.resolve(file).toFile());
      config.putArray("eos_token_id").add(1).add(id);
      JSON.writeValue(other.resolve(file).toFile(), config);
      JsonNode found =
          generate(other, "--prompt", "Once upon a time", "--format", "json").exits(0).json();
      assertEquals("end", found.get("finish_reason").asText());
      int end = 0;
      while (all.get("token_ids").get(end).asInt() != id) {
        end++;
      }
      assertEquals(end + 1, found.get("tokens").asInt());
      assertTrue(all.get("text").asText().startsWith(found.get("text").asText()));
    }
  }

  @Test
  void aSeedTellsTheSameTextAgain() {
    Object[] drawn = {"--max-tokens", 24, "--temperature", 1.2, "--top-k", 50, "--top-p", 0.95};
    String first = text(with(drawn, "--seed", 1));
    assertEquals(first, text(with(drawn, "--seed", 1)));
    assertNotEquals(first, text(with(drawn, "--seed", 2)));
    assertEquals(
        text("--max-tokens", 24),
        text("--max-tokens", 24, "--temperature", 1, "--top-k", 1, "--seed", 3));
  }

  private static Object[] with(Object[] some, Object... more) {
    return Stream.concat(Stream.of(some), Stream.of(more)).toArray();
  }

  private static String text(Object... options) {
    return json(options).get("text").asText();
  }

  private static JsonNode json(Object... options) {
    return generate(
            MODEL,
            with(new Object[] {"--prompt", "Once upon a time"}, with(options, "--format", "json")))
        .exits(0)
        .json();
  }

  @Test
  void aTextEndsWhereTheModelEnds() throws IOException {
    Path small = copy("small");
    ObjectNode config = (ObjectNode) JSON.readTree(small.resolve("config.json").toFile());
    config.put("max_position_embeddings", 16);
    JSON.writeValue(small.resolve("config.json").toFile(), config);
    JsonNode found =
        generate(small, "--prompt", "Once upon a time", "--format", "json").exits(0).json();
    assertEquals("positions", found.get("finish_reason").asText());
    assertEquals(16, found.get("prompt_tokens").asInt() + found.get("tokens").asInt());
    Invocation refused = generate(small, "--prompt", "Once upon a time ".repeat(5)).exits(2);
    assertTrue(refused.err().contains("but the model was made for 16 positions"), refused.err());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "--prompt ''                   ; --prompt is empty",
        "--prompt a --max-tokens 0     ; --max-tokens is 0, expected 1 or more",
        "--prompt a --max-tokens -3    ; --max-tokens is -3",
        "--prompt a --temperature -0.5 ; --temperature is -0.5",
        "--prompt a --temperature NaN  ; --temperature is NaN",
        "--prompt a --top-k -1         ; --top-k is -1",
        "--prompt a --top-p 0          ; --top-p is 0.0",
        "--prompt a --top-p 1.5        ; --top-p is 1.5",
        "--prompt a --stop ''          ; --stop is empty",
        "--prompt a --activations int4 ; EXACT, INT8",
        "--max-tokens 3                ; give --prompt",
        "--chat --format json          ; --format json is for one answer"
      },
      quoteCharacter = '"')
  void wrongOptionsEndWithTwoAndASentence(String line, String expected) {
    Object[] options =
        Stream.of(line.trim().split(" +")).map(word -> word.equals("''") ? "" : word).toArray();
    Invocation wrong = generate(MODEL, options).exits(2);
    assertEquals("", wrong.out());
    assertTrue(wrong.err().contains(expected), wrong.err());
    assertFalse(wrong.err().contains("\tat "), wrong.err());
  }

  @Test
  void aModelWithoutATokenizerIsRefused() throws IOException {
    Path bare = copy("bare");
    Files.delete(bare.resolve("tokenizer.json"));
    Invocation refused = generate(bare, "--prompt", "a").exits(4);
    assertTrue(refused.err().contains("has no tokenizer.json"), refused.err());
  }

  private Path chatting() throws IOException {
    Path chatting = copy("chatting");
    Files.writeString(
        chatting.resolve("chat_template.jinja"),
        """
        {{- bos_token }}
        {%- for message in messages %}
        {%- if message.role == 'user' %}
        {{- message.content + '\n' }}
        {%- elif message.content == 'x' %}{{ raise_exception('no such turn') }}
        {%- else %}
        {{- message.content + '</s>' }}
        {%- endif %}
        {%- endfor %}
        """);
    return chatting;
  }

  @Test
  void anAnswerIsWhatFollowsTheTurnsAsTheTemplateWritesThem() throws IOException {
    Path chatting = chatting();
    Object[] options = {"--max-tokens", 16, "--format", "json"};
    JsonNode answer =
        generate(chatting, with(options, "--chat", "--prompt", "The man said")).exits(0).json();
    JsonNode text = generate(MODEL, with(options, "--prompt", "The man said\n")).exits(0).json();
    assertEquals(text.get("token_ids"), answer.get("token_ids"));
    assertEquals(text.get("prompt_tokens"), answer.get("prompt_tokens"));
  }

  @Test
  void linesOfStdinAreAnsweredOneAfterAnother() throws IOException {
    Path chatting = chatting();
    InputStream in = System.in;
    System.setIn(
        new ByteArrayInputStream("The man said\n\nOnce\n".getBytes(StandardCharsets.UTF_8)));
    Invocation chat;
    try {
      chat = generate(chatting, "--chat", "--max-tokens", 8).exits(0);
    } finally {
      System.setIn(in);
    }
    String first = line(chatting, "The man said\n");
    String second = line(chatting, "The man said\n" + first + "</s>Once\n");
    String separator = System.lineSeparator();
    assertEquals(first + separator + second + separator, chat.out());
  }

  private static String line(Path model, String prompt) {
    return generate(model, "--prompt", prompt, "--max-tokens", 8, "--format", "json")
        .exits(0)
        .json()
        .get("text")
        .asText();
  }

  @Test
  void chatsNeedATemplate() throws IOException {
    Invocation refused = generate(MODEL, "--chat", "--prompt", "a").exits(3);
    assertTrue(refused.err().contains("has no chat template"), refused.err());
    Path odd = chatting();
    Files.writeString(odd.resolve("chat_template.jinja"), "{% import 'x' %}");
    refused = generate(odd, "--chat", "--prompt", "a").exits(3);
    assertTrue(refused.err().contains("it has the statement import"), refused.err());
    Files.writeString(odd.resolve("chat_template.jinja"), "{{ raise_exception('not you') }}");
    refused = generate(odd, "--chat", "--prompt", "a").exits(3);
    assertTrue(refused.err().contains("not you"), refused.err());
  }

  @Test
  void activationsOfEightBitsAreForTrits() {
    Invocation refused = generate(MODEL, "--prompt", "a", "--activations", "int8").exits(3);
    assertTrue(refused.err().contains("of which the model has none"), refused.err());
  }

  @Test
  @Tag("slow")
  void aRunTellsTheTextOfItsModel() throws IOException {
    Path run = directory.resolve("run");
    Invocation.of("compress", "--model", MODEL, "--recipe", "ptqtp", "--output", run).exits(0);
    Object[] options = {"--prompt", "Once upon a time", "--max-tokens", 32, "--format", "json"};
    JsonNode exact = generate(run, options).exits(0).json();
    assertEquals(
        exact.get("text"), generate(run.resolve("model"), options).exits(0).json().get("text"));
    JsonNode rounded = generate(run, with(options, "--activations", "int8")).exits(0).json();
    int same = 0;
    while (same < 32
        && exact.get("token_ids").get(same).equals(rounded.get("token_ids").get(same))) {
      same++;
    }
    assertTrue(same >= 4, () -> exact + "\n" + rounded);
    Files.delete(run.resolve("_SUCCESS"));
    Files.delete(run.resolve("MANIFEST.json"));
    Invocation refused = generate(run, options).exits(4);
    assertTrue(refused.err().contains("is no complete run"), refused.err());
  }

  private Path copy(String name) throws IOException {
    Path copy = Files.createDirectory(directory.resolve(name));
    try (Stream<Path> files = Files.list(MODEL)) {
      for (Path file : files.toList()) {
        Files.copy(file, copy.resolve(file.getFileName()));
      }
    }
    return copy;
  }
}
