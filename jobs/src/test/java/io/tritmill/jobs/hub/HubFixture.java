package io.tritmill.jobs.hub;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.tritmill.jobs.failure.BadInputException;
import io.tritmill.jobs.failure.ExitCode;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSDataInputStream;

/** A Hub on this machine with a model in it, and file systems of it. */
final class HubFixture implements AutoCloseable {
  static final String FIRST = "1".repeat(40);
  static final String SECOND = "2".repeat(40);

  /** Longer than what is read ahead at most. */
  static final byte[] WEIGHTS = random(9_000_001);

  static final byte[] CONFIG = "{\"a\": 1}".getBytes(StandardCharsets.UTF_8);

  final HubServer server = new HubServer();

  HubFixture() {
    server
        .repo("models/org/demo")
        .commit(
            "main",
            FIRST,
            Map.of(
                "config.json",
                CONFIG,
                "model.safetensors",
                WEIGHTS,
                "empty",
                new byte[0],
                "a/b/deep 1+%ü.txt",
                "deep".getBytes(StandardCharsets.UTF_8)));
  }

  private static byte[] random(int length) {
    byte[] bytes = new byte[length];
    new Random(5).nextBytes(bytes);
    return bytes;
  }

  /** A file system of this Hub, in an environment that has nothing else. */
  HubFileSystem fileSystem(String uri, Map<String, String> variables) throws IOException {
    Map<String, String> environment = new HashMap<>(variables);
    environment.put("HF_ENDPOINT", server.address());
    environment.putIfAbsent("HF_HOME", Path.of("target", "no such home").toString());
    Configuration configuration = new Configuration();
    configuration.set("fs.hf.retry.interval", "4");
    configuration.set("fs.hf.timeout", "2");
    HubFileSystem fileSystem = new HubFileSystem(environment::get);
    fileSystem.initialize(URI.create(uri), configuration);
    return fileSystem;
  }

  HubFileSystem fileSystem() throws IOException {
    return fileSystem("hf://org", Map.of());
  }

  static org.apache.hadoop.fs.Path path(String text) {
    return new org.apache.hadoop.fs.Path(text);
  }

  @Override
  public void close() {
    server.close();
  }

  /** A file, by one read of all of it. */
  static byte[] read(HubFileSystem files, String file) throws IOException {
    byte[] bytes = new byte[(int) files.getFileStatus(path(file)).getLen()];
    try (FSDataInputStream in = files.open(path(file))) {
      in.readFully(0, bytes);
    }
    return bytes;
  }

  /** The sentence in which reading a file ends. */
  static String refusal(HubFileSystem files, String file) {
    BadInputException refusal = assertThrows(BadInputException.class, () -> read(files, file));
    assertEquals(ExitCode.BROKEN_INPUT, refusal.exitCode());
    assertFalse(refusal.getMessage().contains("hf_secret"), refusal.getMessage());
    return refusal.getMessage();
  }
}
