package io.tritmill.jobs.checkpoint;

import static io.tritmill.jobs.checkpoint.SafetensorsBuilder.entry;
import static io.tritmill.jobs.checkpoint.SafetensorsBuilder.file;
import static io.tritmill.jobs.checkpoint.SafetensorsBuilder.json;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.tritmill.jobs.failure.BadInputException;
import io.tritmill.jobs.failure.ExitCode;
import io.tritmill.jobs.storage.Storage;
import io.tritmill.jobs.tensor.TensorInfo;
import io.tritmill.kernels.tensor.DType;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class SafetensorsHeaderTest {
  private static final byte[] SOUND =
      new SafetensorsBuilder()
          .metadata("format", "pt")
          .tensor("b", DType.F32, List.of(2, 3), 1, 2, 3, 4, 5, 6)
          .tensor("a", DType.BF16, List.of(4), 1, 2, 3, 4)
          .raw("scalar", "I64", List.of(), new byte[8])
          .raw("nothing", "F16", List.of(0, 7), new byte[0])
          .bytes();

  @TempDir Path folder;

  private SafetensorsHeader read(byte[] bytes) throws IOException {
    Storage storage = new Storage(new Configuration(false));
    Path file = folder.resolve("x.safetensors");
    Files.write(file, bytes);
    return SafetensorsHeader.read(storage, storage.path(file.toString()));
  }

  @Test
  void aSoundFileIsReadInTheOrderOfItsBytes() throws IOException {
    SafetensorsHeader header = read(SOUND);
    assertEquals(
        List.of("b", "a", "scalar", "nothing"),
        header.tensors().stream().map(TensorInfo::name).toList());
    TensorInfo b = header.tensors().getFirst();
    assertEquals(List.of(2L, 3L), b.shape());
    assertEquals("F32", b.dtype());
    assertEquals(header.dataStart(), b.offset());
    assertEquals(24, b.bytes());
    assertEquals(2, b.rows());
    assertEquals(3, b.columns());
    assertEquals(Map.of("format", "pt"), header.metadata());
  }

  @Test
  void metadataMayBeNull() throws IOException {
    SafetensorsHeader header = read(file("{\"__metadata__\":null}", new byte[0]));

    assertEquals(Map.of(), header.metadata());
  }

  static Stream<Arguments> broken() {
    byte[] four = new byte[4];
    return Stream.of(
        arguments("empty file", new byte[0], "has 0 bytes"),
        arguments("cut inside the length", Arrays.copyOf(SOUND, 5), "has 5 bytes"),
        arguments("cut inside the header", Arrays.copyOf(SOUND, 40), "is the download complete?"),
        arguments(
            "cut inside the data",
            Arrays.copyOf(SOUND, SOUND.length - 3),
            "ends at byte %d but the file has %d; is the download complete?"
                .formatted(SOUND.length, SOUND.length - 3)),
        arguments("bytes after the end", Arrays.copyOf(SOUND, SOUND.length + 1), "nothing after"),
        arguments("length beyond the file", length(1_000), "length is 1000, expected 2 to 2 in"),
        arguments("length beyond the cap", length(1L << 40), "length is 1099511627776"),
        arguments("negative length", length(-1), "length is 18446744073709551615"),
        arguments("no header", length(0), "length is 0"),
        arguments("zip", ascii("PK\3\4 and more, really"), "Python pickle"),
        arguments("pickle", octets(0x80, 4, 0x95, 1, 2, 3, 4, 5, 6), "Python pickle"),
        arguments("no JSON", file("#!/bin/sh", four), "begins with byte 0x23, expected '{'"),
        arguments("space before", file(" {}", new byte[0]), "begins with byte 0x20"),
        arguments("JSON cut short", file("{\"a\":", four), "not sound JSON"),
        arguments("more after JSON", file("{} {}", new byte[0]), "goes on after its JSON object"),
        arguments("not UTF-8", bytes(octets(0x7b, 0x22, 0xff, 0x22, 0x7d)), "not UTF-8"),
        arguments(
            "UTF-16", bytes("{\"a\":1}".getBytes(StandardCharsets.UTF_16LE)), "not sound JSON"),
        arguments(
            "name twice",
            file("{\"a\":%s,\"a\":%s}".formatted(one(0, 4), one(0, 4)), four),
            "Duplicate field 'a'"),
        arguments(
            "key twice",
            file("{\"a\":{\"dtype\":\"F32\",\"dtype\":\"F32\"}}", four),
            "Duplicate field 'dtype'"),
        arguments(
            "metadata key twice",
            file("{\"__metadata__\":{\"k\":\"1\",\"k\":\"2\"}}", new byte[0]),
            "Duplicate field 'k'"),
        arguments(
            "metadata twice",
            file("{\"__metadata__\":{},\"__metadata__\":{}}", new byte[0]),
            "Duplicate field '__metadata__'"),
        arguments(
            "metadata not strings",
            file("{\"__metadata__\":{\"k\":1}}", new byte[0]),
            "'k' in __metadata__ is a whole number, expected a string"),
        arguments(
            "metadata not an object",
            file("{\"__metadata__\":[]}", new byte[0]),
            "__metadata__ is a list, expected an object"),
        arguments("entry not an object", file("{\"a\":3}", four), "tensor a is a whole number"),
        arguments("deep", file("{\"a\":" + "[".repeat(5000), four), "tensor a is a list"),
        arguments("deep metadata", file("{\"__metadata__\":{\"k\":{}}}", four), "is an object"),
        arguments("no dtype", with("dtype", null), "tensor a lacks its dtype"),
        arguments("no shape", with("shape", null), "tensor a lacks its shape"),
        arguments("no offsets", with("data_offsets", null), "lacks its two data_offsets"),
        arguments("one offset", with("data_offsets", List.of(0)), "lacks its two data_offsets"),
        arguments("three offsets", with("data_offsets", List.of(0, 4, 4)), "more than 2 numbers"),
        arguments("unknown key", with("stride", 1), "the key 'stride', expected dtype, shape"),
        arguments("unknown dtype", with("dtype", "F33"), "dtype 'F33', expected one of"),
        arguments("dtype not a string", with("dtype", 32), "dtype of tensor a is a whole number"),
        arguments("shape not a list", with("shape", 1), "shape of tensor a is a whole number"),
        arguments("fraction in shape", with("shape", List.of(1.5)), "is a fraction"),
        arguments("text in shape", with("shape", List.of("1")), "is a string"),
        arguments("negative dimension", with("shape", List.of(-1)), "has the value -1"),
        arguments(
            "dimension beyond long",
            with("shape", List.of(new BigInteger("99999999999999999999"))),
            "has the value 99999999999999999999"),
        arguments(
            "nine dimensions", with("shape", List.of(1, 1, 1, 1, 1, 1, 1, 1, 1)), "more than 8"),
        arguments(
            "overflowing shape",
            with("shape", List.of(1L << 32, 1L << 32)),
            "no size that fits a file"),
        arguments(
            "overflowing bytes", with("shape", List.of(1L << 61)), "no size that fits a file"),
        arguments(
            "half a byte",
            file("{\"a\":%s}".formatted(json(entry("F4", List.of(3), 0, 2))), new byte[2]),
            "no size that fits a file"),
        arguments("bytes and dtype differ", with("dtype", "F16"), "has 4 bytes, but F16 [1] needs"),
        arguments("bytes and shape differ", with("shape", List.of(2)), "F32 [2] needs 8"),
        arguments("end before begin", with("data_offsets", List.of(4, 0)), "begins at byte 4"),
        arguments("negative offset", with("data_offsets", List.of(-4, 0)), "has the value -4"),
        arguments(
            "offset overflow",
            with("data_offsets", List.of(Long.MAX_VALUE - 4, Long.MAX_VALUE)),
            "no size that fits a file"),
        arguments("hole before", with("data_offsets", List.of(4, 8)), "ends at byte"),
        arguments(
            "hole between",
            file("{\"a\":%s,\"b\":%s}".formatted(one(0, 4), one(8, 12)), new byte[12]),
            "expected no hole between them"),
        arguments(
            "overlap",
            file("{\"a\":%s,\"b\":%s}".formatted(one(0, 4), one(2, 6)), new byte[6]),
            "tensor b begins at byte"),
        arguments(
            "same bytes twice",
            file("{\"a\":%s,\"b\":%s}".formatted(one(0, 4), one(0, 4)), four),
            "must not overlap"),
        arguments("empty name", file("{\"\":%s}".formatted(one(0, 4)), four), "name of 0 bytes"),
        arguments(
            "long name",
            file("{\"%s\":%s}".formatted("é".repeat(257), one(0, 4)), four),
            "name of 514 bytes, expected 1 to 512"),
        arguments(
            "very long name",
            file("{\"%s\":%s}".formatted("n".repeat(70_000), one(0, 4)), four),
            "not sound JSON"),
        arguments(
            "control character",
            file("{\"a\\u001b[2J\":%s}".formatted(one(0, 4)), four),
            "tensor 'a\\u001b[2J' has a control character"));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("broken")
  void brokenFilesAreRefusedWithOneSentence(String name, byte[] bytes, String words) {
    BadInputException refusal = assertThrows(BadInputException.class, () -> read(bytes));
    assertEquals(ExitCode.BROKEN_INPUT, refusal.exitCode());
    String message = refusal.getMessage();
    assertTrue(message.contains(words), message);
    assertTrue(message.contains("x.safetensors: "), message);
    assertTrue(message.length() < 700, message);
    assertFalse(message.chars().anyMatch(Character::isISOControl), message);
  }

  @Tag("slow")
  @Test
  void tooManyTensorsAreRefused() throws IOException {
    String entry = one(0, 0, 0);
    StringBuilder header = new StringBuilder("{");
    for (int i = 0; i <= 1_000_000; i++) {
      header.append(i == 0 ? "" : ",").append('"').append(i).append("\":").append(entry);
    }
    byte[] bytes = file(header.append('}').toString(), new byte[0]);
    BadInputException refusal = assertThrows(BadInputException.class, () -> read(bytes));
    assertTrue(refusal.getMessage().contains("more than 1000000 tensors"), refusal.getMessage());
  }

  @Test
  void everyKnownTypeHasItsWidth() throws IOException {
    Map<String, Integer> bytesOfEight = new LinkedHashMap<>();
    for (String type : List.of("BOOL", "U8", "I8", "F8_E4M3", "F8_E5M2")) {
      bytesOfEight.put(type, 8);
    }
    for (String type : List.of("F16", "BF16", "I16", "U16")) {
      bytesOfEight.put(type, 16);
    }
    for (String type : List.of("F32", "I32", "U32")) {
      bytesOfEight.put(type, 32);
    }
    for (String type : List.of("F64", "I64", "U64")) {
      bytesOfEight.put(type, 64);
    }
    bytesOfEight.put("F4", 4);
    SafetensorsBuilder builder = new SafetensorsBuilder();
    bytesOfEight.forEach((type, bytes) -> builder.raw(type, type, List.of(8), new byte[bytes]));
    SafetensorsHeader header = read(builder.bytes());
    assertEquals(bytesOfEight.size(), header.tensors().size());
    header.tensors().forEach(t -> assertEquals((long) bytesOfEight.get(t.dtype()), t.bytes()));
  }

  private static String one(long begin, long end) {
    return one(1, begin, end);
  }

  private static String one(int elements, long begin, long end) {
    return json(entry("F32", List.of(elements), begin, end));
  }

  /** A file of one tensor {@code a} of four bytes, one of whose keys has another value or none. */
  private static byte[] with(String key, Object value) {
    Map<String, Object> entry = entry("F32", List.of(1), 0, 4);
    if (value == null) {
      entry.remove(key);
    } else {
      entry.put(key, value);
    }
    return file(json(Map.of("a", entry)), new byte[4]);
  }

  private static byte[] length(long length) {
    return ByteBuffer.allocate(10)
        .order(ByteOrder.LITTLE_ENDIAN)
        .putLong(length)
        .put(ascii("{}"))
        .array();
  }

  private static byte[] bytes(byte[] header) {
    return ByteBuffer.allocate(8 + header.length)
        .order(ByteOrder.LITTLE_ENDIAN)
        .putLong(header.length)
        .put(header)
        .array();
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  private static byte[] octets(int... values) {
    byte[] bytes = new byte[values.length];
    for (int i = 0; i < values.length; i++) {
      bytes[i] = (byte) values[i];
    }
    return bytes;
  }
}
