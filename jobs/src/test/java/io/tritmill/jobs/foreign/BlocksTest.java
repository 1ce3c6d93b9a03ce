package io.tritmill.jobs.foreign;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.tritmill.kernels.tensor.BlockType;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Random blocks of weights are decoded as by the package gguf. */
@Tag("foreign")
class BlocksTest {
  private static final int BLOCKS = 2000;

  @RegisterExtension private static final ForeignPrograms GGUF = ForeignPrograms.of("gguf");

  @TempDir private static Path directory;

  @BeforeAll
  static void decode() throws IOException, InterruptedException {
    Path script = Path.of(System.getProperty("tritmill.root")).resolve("foreign/gguf_blocks.py");
    int seed = (int) (System.nanoTime() >>> 1 & 0xffff);
    System.out.println("blocks of seed " + seed);
    GGUF.run(directory, "python", script, directory, seed, BLOCKS).exits(0);
  }

  @ParameterizedTest
  @EnumSource
  void everyBitIsTheSame(BlockType type) throws IOException {
    byte[] all = Files.readAllBytes(directory.resolve(type.name() + ".bin"));
    int count = BLOCKS * type.blockElements();
    float[] decoded = new float[count];
    type.decode(all, 0, decoded, 0, count);
    ByteBuffer expected = ByteBuffer.wrap(all).order(ByteOrder.LITTLE_ENDIAN);
    expected.position(BLOCKS * type.blockBytes());
    assertEquals(4 * count, expected.remaining());
    for (int i = 0; i < count; i++) {
      float one = expected.getFloat();
      int at = i;
      // Of what is no number only that it is none is compared.
      assertEquals(
          Float.floatToIntBits(one), Float.floatToIntBits(decoded[i]), () -> "element " + at);
    }
  }
}
