package io.tritmill.jobs.fuzz;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Files that were sound once: bytes changed, cut, put in, doubled, taken from another, or swapped.
 */
final class Mutations {
  private static final Pattern VALUE =
      Pattern.compile(
          "\"(?:[^\"\\\\]|\\\\.){0,200}\"|-?[0-9]+(?:\\.[0-9]+)?(?:[eE][+-]?[0-9]+)?"
              + "|true|false|null|\\{\\}|\\[\\]");
  private static final List<String> VALUES =
      List.of(
          "null",
          "true",
          "false",
          "0",
          "-1",
          "1",
          "2",
          "3",
          "255",
          "256",
          "65536",
          "2147483647",
          "2147483648",
          "-2147483648",
          "4294967296",
          "9223372036854775807",
          "9223372036854775808",
          "1e999",
          "-1e999",
          "1e-400",
          "0.5",
          "-0.0",
          "NaN",
          "Infinity",
          "{}",
          "[]",
          "[null]",
          "[[]]",
          "{\"\":null}",
          "\"\"",
          "\" \"",
          "\"\\u0000\"",
          "\"\\ud800\"",
          "\"\\u001b[2J\"",
          "\"../../x\"",
          "\"/\"",
          "\"é\"",
          "\"" + "x".repeat(300) + "\"",
          "[[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]]]");
  private static final long[] LENGTHS = {
    0,
    1,
    -1,
    2,
    7,
    8,
    127,
    128,
    255,
    256,
    65_535,
    1 << 20,
    1 << 30,
    Integer.MAX_VALUE,
    Integer.MIN_VALUE,
    1L << 32,
    1L << 62,
    Long.MAX_VALUE,
    Long.MIN_VALUE
  };

  private final Random random;
  private final List<byte[]> seeds;

  Mutations(long seed, List<byte[]> seeds) {
    this.random = new Random(seed);
    this.seeds = seeds;
  }

  /** The next file. */
  byte[] next() {
    byte[] content = seeds.get(random.nextInt(seeds.size())).clone();
    for (int times = 1 + random.nextInt(3); times > 0; times--) {
      content = once(content);
    }
    return content;
  }

  private byte[] once(byte[] content) {
    if (content.length == 0) {
      return bytes(8);
    }
    int at = random.nextInt(content.length);
    return switch (random.nextInt(10)) {
      case 0 -> flipped(content, at);
      case 1 -> Arrays.copyOf(content, at);
      case 2 -> joined(content, at, bytes(1 + random.nextInt(16)), at);
      case 3 -> joined(content, at, new byte[0], Math.min(content.length, at + random.nextInt(64)));
      case 4 -> {
        int end = Math.min(content.length, at + 1 + random.nextInt(64));
        yield joined(content, end, Arrays.copyOfRange(content, at, end), end);
      }
      case 5 -> {
        byte[] other = seeds.get(random.nextInt(seeds.size()));
        int from = random.nextInt(other.length + 1);
        yield joined(content, at, Arrays.copyOfRange(other, from, other.length), content.length);
      }
      case 6 -> extreme(content, at);
      default -> swapped(content);
    };
  }

  private byte[] bytes(int count) {
    byte[] bytes = new byte[count];
    random.nextBytes(bytes);
    return bytes;
  }

  private byte[] flipped(byte[] content, int at) {
    if (random.nextBoolean()) {
      content[at] ^= (byte) (1 << random.nextInt(8));
    } else {
      content[at] = (byte) random.nextInt(256);
    }
    return content;
  }

  private static byte[] joined(byte[] content, int to, byte[] middle, int from) {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    all.write(content, 0, to);
    all.writeBytes(middle);
    all.write(content, from, content.length - from);
    return all.toByteArray();
  }

  /** A number of two, four or eight bytes where the file may have a length or a count. */
  private byte[] extreme(byte[] content, int at) {
    int width = 2 << random.nextInt(3);
    if (content.length < width) {
      return content;
    }
    ByteBuffer number = ByteBuffer.allocate(Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    number.putLong(LENGTHS[random.nextInt(LENGTHS.length)]);
    int aligned = Math.min(at / width * width, content.length - width);
    System.arraycopy(number.array(), 0, content, aligned, width);
    return content;
  }

  /** Another value where the text has one as JSON and YAML write them. */
  private byte[] swapped(byte[] content) {
    String text = new String(content, StandardCharsets.ISO_8859_1);
    List<int[]> places = new ArrayList<>();
    for (Matcher found = VALUE.matcher(text); found.find() && places.size() < 2000; ) {
      places.add(new int[] {found.start(), found.end()});
    }
    if (places.isEmpty()) {
      return flipped(content, random.nextInt(content.length));
    }
    int[] place = places.get(random.nextInt(places.size()));
    byte[] value;
    if (random.nextInt(3) == 0) {
      int[] other = places.get(random.nextInt(places.size()));
      value = Arrays.copyOfRange(content, other[0], other[1]);
    } else {
      value = VALUES.get(random.nextInt(VALUES.size())).getBytes(StandardCharsets.UTF_8);
    }
    return joined(content, place[0], value, place[1]);
  }
}
