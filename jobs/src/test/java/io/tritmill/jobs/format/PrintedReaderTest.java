package io.tritmill.jobs.format;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tritmill.jobs.Invocation;
import io.tritmill.jobs.SharedSpark;
import io.tritmill.jobs.foreign.ForeignPrograms;
import io.tritmill.jobs.quantize.MixedModel;
import io.tritmill.kernels.tensor.DType;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The reader that FORMAT.md prints reads what is written, as it is printed there. */
@Tag("foreign")
@ExtendWith(SharedSpark.class)
class PrintedReaderTest {
  private static final Path ROOT = Path.of(System.getProperty("tritmill.root"));
  private static final Path PAGE =
      ROOT.resolve("jobs/src/main/java/io/tritmill/jobs/format/FORMAT.md");
  @RegisterExtension private static final ForeignPrograms READERS = ForeignPrograms.of("readers");

  /**
   * Writes every matrix as little-endian floats, in a file of its number, and lists their names.
   */
  private static final String DUMP =
      """

      def dump(out, paths):
          with open(out + "/names.txt", "w") as names:
              at = 0
              for path in paths:
                  for name, w in tensors(path):
                      names.write(f"{name} {w.dtype}\\n")
                      w.astype("<f4").tofile(f"{out}/{at}.bin")
                      at += 1

      dump(sys.argv[1], sys.argv[2:])
      """;

  @TempDir private static Path directory;

  private static Path program;

  @BeforeAll
  static void extract() throws IOException {
    String page = Files.readString(PAGE);
    String reader = page.substring(page.indexOf("## A reader"));
    int begin = reader.indexOf("```python\n") + "```python\n".length();
    String code = reader.substring(begin, reader.indexOf("\n```", begin));
    program = directory.resolve("reader.py");
    Files.writeString(program, code.replaceAll("(?s)\nif __name__ == .*", "\n") + DUMP);
    Files.writeString(directory.resolve("printed.py"), code + "\n");
  }

  private static Map<String, float[]> read(Path model) throws IOException, InterruptedException {
    Path out = Files.createTempDirectory(directory, "read");
    List<Path> files;
    try (Stream<Path> all = Files.list(model)) {
      files = all.filter(file -> file.toString().endsWith(".safetensors")).sorted().toList();
    }
    Object[] dump = Stream.concat(Stream.of(program, out), files.stream()).toArray();
    READERS.run(directory, "python", dump).exits(0);
    Path printed = directory.resolve("printed.py");
    Object[] print = Stream.concat(Stream.of(printed), files.stream()).toArray();
    READERS.run(directory, "python", print).exits(0);
    Map<String, float[]> read = new HashMap<>();
    List<String> names = Files.readAllLines(out.resolve("names.txt"));
    for (int i = 0; i < names.size(); i++) {
      byte[] bytes = Files.readAllBytes(out.resolve(i + ".bin"));
      FloatBuffer floats = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer();
      float[] values = new float[floats.remaining()];
      floats.get(values);
      read.put(names.get(i).split(" ")[0], values);
    }
    return read;
  }

  @ParameterizedTest
  @EnumSource(
      value = DType.class,
      names = {"F32", "F16", "BF16"})
  void everyBitOfAMixedModelIsRead(DType dtype) throws IOException, InterruptedException {
    MixedModel mixed = MixedModel.in(directory.resolve("mixed " + dtype), dtype);
    Path run = directory.resolve("run " + dtype);
    mixed.compress(run, 900, 0);

    Map<String, float[]> read = read(run.resolve("model"));

    // Those of the forward pass, embedding and norms included.
    assertTrue(ForwardWeights.assertSame(run.resolve("model"), matrices(read)) >= 13);
  }

  @Test
  void everyTypeOfBlocksIsRead() throws IOException, InterruptedException {
    Path run = directory.resolve("run of blocks");
    BlockModel.compress(directory, run);

    Map<String, float[]> read = read(run.resolve("model"));

    assertTrue(ForwardWeights.assertSame(run.resolve("model"), matrices(read)) >= 13);
  }

  @Test
  void theDemosOwnModelIsRead() throws IOException, InterruptedException {
    Path run = directory.resolve("demo");
    Invocation.of(
            "compress",
            "--model",
            ROOT.resolve("examples/demo-6m"),
            "--recipe",
            "ptqtp",
            "--output",
            run)
        .exits(0);

    Map<String, float[]> read = read(run.resolve("model"));

    assertEquals(56, read.size());
    assertTrue(ForwardWeights.assertSame(run.resolve("model"), matrices(read)) > 40);
  }

  private static Map<String, float[]> matrices(Map<String, float[]> read) {
    read.keySet().removeIf(name -> name.contains("norm"));
    return read;
  }
}
