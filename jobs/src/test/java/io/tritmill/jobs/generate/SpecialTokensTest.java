package io.tritmill.jobs.generate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tritmill.jobs.checkpoint.Checkpoint;
import io.tritmill.jobs.failure.BadInputException;
import io.tritmill.jobs.failure.ExitCode;
import io.tritmill.jobs.storage.Storage;
import io.tritmill.jobs.tokenizer.Tokenizer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SpecialTokensTest {
  private static final Storage STORAGE = new Storage(new Configuration());
  private static final ObjectMapper JSON = new ObjectMapper();

  @TempDir private Path model;

  @BeforeEach
  void copy() throws IOException {
    Path demo = Path.of(System.getProperty("tritmill.root"), "examples/demo-6m");
    try (Stream<Path> files = Files.list(demo)) {
      for (Path file : files.toList()) {
        Files.copy(file, model.resolve(file.getFileName()));
      }
    }
  }

  private SpecialTokens read() {
    org.apache.hadoop.fs.Path path = STORAGE.path(model.toString());
    Tokenizer.Content content = Tokenizer.content(STORAGE, path);
    return SpecialTokens.read(
        STORAGE, Checkpoint.open(STORAGE, path), content, TokenBytes.of(content));
  }

  private ObjectNode json(String file) throws IOException {
    return (ObjectNode) JSON.readTree(model.resolve(file).toFile());
  }

  private void write(String file, ObjectNode content) throws IOException {
    JSON.writeValue(model.resolve(file).toFile(), content);
  }

  @Test
  void aFlagOfTheTokenizerCountsBeforeItsTemplate() throws IOException {
    assertEquals(List.of(0), read().before());
    ObjectNode config = json("tokenizer_config.json").put("add_bos_token", false);
    write("tokenizer_config.json", config);
    assertEquals(List.of(), read().before());
    config.remove("add_bos_token");
    write("tokenizer_config.json", config);
    assertEquals(List.of(0), read().before());
    ObjectNode tokenizer = json("tokenizer.json");
    tokenizer.putNull("post_processor");
    write("tokenizer.json", tokenizer);
    assertEquals(List.of(), read().before());
    config.put("add_bos_token", true).putObject("bos_token").put("content", "<unk>");
    write("tokenizer_config.json", config);
    assertEquals(List.of(2), read().before());
  }

  @Test
  void endsAreThoseOfAllFiles() throws IOException {
    assertEquals(Set.of(1), read().ends());
    ObjectNode generation = json("generation_config.json");
    generation.putArray("eos_token_id").add(5).add(7);
    write("generation_config.json", generation);
    write("config.json", json("config.json").put("eos_token_id", 9));
    assertEquals(Set.of(1, 5, 7, 9), read().ends());
    Files.delete(model.resolve("generation_config.json"));
    ObjectNode config = json("config.json");
    config.putNull("eos_token_id");
    write("config.json", config);
    Files.delete(model.resolve("tokenizer_config.json"));
    assertEquals(Set.of(), read().ends());
  }

  @Test
  void anEndThatIsNoTokenIsRefused() throws IOException {
    write("generation_config.json", json("generation_config.json").put("eos_token_id", "</s>"));
    BadInputException refusal = assertThrows(BadInputException.class, this::read);
    assertEquals(ExitCode.BROKEN_INPUT, refusal.exitCode());
  }
}
