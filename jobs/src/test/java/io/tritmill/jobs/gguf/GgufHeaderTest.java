package io.tritmill.jobs.gguf;

import static io.tritmill.jobs.gguf.GgufBuilder.header;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.tritmill.jobs.failure.BadInputException;
import io.tritmill.jobs.failure.ExitCode;
import io.tritmill.jobs.storage.Storage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class GgufHeaderTest {
  private static final int F32 = 0;
  private static final int TQ2_0 = 35;

  private static final byte[] SOUND =
      header(3, 2, 5)
          .string("general.architecture", "llama")
          .u32("llama.block_count", 2)
          .name("tokens")
          .i32(GgufBuilder.ARRAY)
          .i32(GgufBuilder.STRING)
          .i64(4)
          .name("<s>")
          .name("")
          .name("b")
          .name("c")
          .name("scores")
          .i32(GgufBuilder.ARRAY)
          .i32(6)
          .i64(2)
          .i32(Float.floatToIntBits(0.5f))
          .i32(Float.floatToIntBits(-1))
          .name("add_bos")
          .i32(7)
          .text("\1")
          .tensor("token_embd.weight", TQ2_0, 256, 3, 0)
          .tensor("norm", F32, 5, 1, 224)
          .data(224 + 20)
          .bytes();

  @TempDir Path folder;
  private final Storage storage = new Storage(new Configuration(false));

  private GgufHeader read(byte[] bytes) throws IOException {
    Path file = folder.resolve("m.gguf");
    Files.write(file, bytes);
    return GgufHeader.read(storage, storage.path(file.toString()));
  }

  private static String shown(GgufHeader header, String key) {
    return ((GgufArray) header.values().get(key)).shown();
  }

  @Test
  void keysAndTensorsAreListed() throws IOException {
    GgufHeader header = read(SOUND);
    assertEquals(3, header.version());
    assertEquals("llama", header.values().get("general.architecture"));
    assertEquals(2L, header.values().get("llama.block_count"));
    assertEquals("4 elements: [<s>, , b] ...", shown(header, "tokens"));
    assertEquals("2 elements: [0.5, -1.0]", shown(header, "scores"));
    assertEquals(true, header.values().get("add_bos"));
    GgufHeader.Tensor first = header.tensors().getFirst();
    assertEquals(List.of(256L, 3L), first.shape());
    assertEquals(GgufType.TQ2_0, first.type().orElseThrow());
    assertEquals(198, first.bytes().orElseThrow());
    assertEquals(20, header.tensors().getLast().bytes().orElseThrow());
  }

  @Test
  void unknownTypesAreListedWithoutSizes() throws IOException {
    GgufHeader header = read(header(2, 1, 0).tensor("t", 99, 7, 1, 0).bytes());
    assertTrue(header.tensors().getFirst().bytes().isEmpty());
  }

  static Stream<Arguments> broken() {
    return Stream.of(
        arguments("no magic", new GgufBuilder().text("GGML").bytes(), "does not begin with GGUF"),
        arguments("old version", header(1, 0, 0).bytes(), "GGUF version 1, expected 2 or 3"),
        arguments("big endian", header(3 << 24, 0, 0).bytes(), "expected 2 or 3, little endian"),
        arguments(
            "tensors", header(3, 1L << 60, 0).bytes(), "number of tensors is 1152921504606846976"),
        arguments("negative tensors", header(3, -1, 0).bytes(), "is 18446744073709551615"),
        arguments(
            "keys",
            header(3, 0, 1000).bytes(),
            "the number of keys is 1000 at byte 16, but only 0"),
        arguments(
            "long key", header(3, 0, 1).i64(1L << 40).data(32).bytes(), "the length of a key is"),
        arguments("empty key", header(3, 0, 1).name("").data(32).bytes(), "a key has 0 bytes"),
        arguments(
            "value type",
            header(3, 0, 1).name("k").i32(13).data(32).bytes(),
            "the value of k has the value type 13"),
        arguments(
            "string length",
            header(3, 0, 1).name("k").i32(8).i64(Long.MAX_VALUE).data(9).bytes(),
            "the length of the value of k is 9223372036854775807"),
        arguments(
            "array length",
            header(3, 0, 1).name("k").i32(9).i32(10).i64(1L << 61).data(9).bytes(),
            "number of elements of the value of k"),
        arguments(
            "array type",
            header(3, 0, 1).name("k").i32(9).i32(77).i64(0).data(9).bytes(),
            "element type 77"),
        arguments(
            "array of arrays",
            header(3, 0, 1).name("k").i32(9).i32(9).i64(0).data(9).bytes(),
            "an array of arrays"),
        arguments(
            "string in an array",
            header(3, 0, 1).name("k").i32(9).i32(8).i64(1).i64(500).data(9).bytes(),
            "the length of the value of k is 500"),
        arguments(
            "fourth string in an array",
            header(3, 0, 1)
                .name("k")
                .i32(9)
                .i32(8)
                .i64(4)
                .name("")
                .name("")
                .name("")
                .i64(500)
                .data(9)
                .bytes(),
            "length of a string in the value of k is 500"),
        arguments(
            "key twice", header(3, 0, 2).u32("k", 1).u32("k", 1).bytes(), "has the key k twice"),
        arguments(
            "alignment 0",
            header(3, 0, 1).u32("general.alignment", 0).bytes(),
            "general.alignment is 0, expected a power of two"),
        arguments("alignment 24", header(3, 0, 1).u32("general.alignment", 24).bytes(), "is 24"),
        arguments(
            "alignment text", header(3, 0, 1).string("general.alignment", "x").bytes(), "is x"),
        arguments(
            "nine dimensions",
            header(3, 1, 0).name("t").i32(9).data(99).bytes(),
            "tensor t has 9 dimensions"),
        arguments(
            "negative dimensions",
            header(3, 1, 0).name("t").i32(-1).data(99).bytes(),
            "4294967295 dimensions"),
        arguments(
            "negative dimension",
            header(3, 1, 0).tensor("t", F32, -4, 1, 0).bytes(),
            "no size that fits"),
        arguments(
            "overflow",
            header(3, 1, 0).tensor("t", F32, 1L << 40, 1L << 40, 0).bytes(),
            "no size that fits"),
        arguments(
            "negative offset",
            header(3, 1, 0).tensor("t", F32, 1, 1, -32).bytes(),
            "no size that fits"),
        arguments(
            "broken row",
            header(3, 1, 0).tensor("t", TQ2_0, 100, 1, 0).data(99).bytes(),
            "rows of 100, but a block of TQ2_0 has 256"),
        arguments(
            "name twice",
            header(3, 2, 0).tensor("t", F32, 8, 1, 0).tensor("t", F32, 8, 1, 32).data(64).bytes(),
            "the tensor t twice"),
        arguments(
            "hole",
            header(3, 1, 0).tensor("t", F32, 8, 1, 32).data(64).bytes(),
            "tensor t is at 32 of the data, expected 0"),
        arguments(
            "overlap",
            header(3, 2, 0).tensor("t", F32, 8, 1, 0).tensor("u", F32, 8, 1, 0).data(64).bytes(),
            "tensor u is at 0 of the data, expected 32"),
        arguments(
            "truncated data",
            header(3, 1, 0).tensor("t", F32, 8, 1, 0).data(31).bytes(),
            "tensor t needs 32 bytes from byte"),
        arguments(
            "control characters",
            header(3, 2, 0).tensor("a\33[2J", F32, 8, 1, 5).tensor("u", F32, 8, 1, 0).bytes(),
            "tensor a\\u001b[2J is at 5"));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("broken")
  void brokenFilesAreRefusedWithOneSentence(String name, byte[] bytes, String words) {
    BadInputException refusal = assertThrows(BadInputException.class, () -> read(bytes));
    assertEquals(ExitCode.BROKEN_INPUT, refusal.exitCode());
    assertTrue(refusal.getMessage().contains(words), refusal.getMessage());
    assertTrue(refusal.getMessage().contains("m.gguf: "), refusal.getMessage());
    assertFalse(refusal.getMessage().chars().anyMatch(Character::isISOControl));
  }

  @Test
  void everyTruncationIsRefused() {
    for (int length = 0; length < SOUND.length; length++) {
      byte[] cut = Arrays.copyOf(SOUND, length);
      assertThrows(BadInputException.class, () -> read(cut), "cut to " + length);
    }
  }

  @Test
  void flippedBytesGiveAListingOrARefusal() throws IOException {
    Random random = new Random(2);
    int refused = 0;
    for (int i = 0; i < 1000; i++) {
      byte[] bytes = SOUND.clone();
      bytes[random.nextInt(bytes.length - 244)] = (byte) random.nextInt(256);
      try {
        assertTrue(read(bytes).tensors().size() <= 2);
      } catch (BadInputException e) {
        refused++;
      }
    }
    assertTrue(refused > 250, "refused " + refused);
  }
}
