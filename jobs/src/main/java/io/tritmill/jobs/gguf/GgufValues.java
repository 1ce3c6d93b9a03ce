package io.tritmill.jobs.gguf;

import io.tritmill.jobs.failure.BadInputException;
import io.tritmill.jobs.storage.HeaderInput;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * Reads the values of a GGUF header; of long strings and arrays only the beginning is kept, unless
 * they are asked for whole.
 */
final class GgufValues {
  private static final int STRING = 8;
  private static final int ARRAY = 9;
  private static final int SHOWN_BYTES = 4096;
  private static final int SHOWN_ELEMENTS = 3;

  /** Of each array and of each string that is read whole: vocabularies have a tenth of it. */
  private static final int MOST_ELEMENTS = 4_000_000;

  private static final int MOST_BYTES = 64 << 20;

  private final HeaderInput in;

  GgufValues(HeaderInput in) {
    this.in = in;
  }

  /**
   * A number, a truth value, a string, or a {@link GgufArray}.
   *
   * @param whole whether all of a long one is kept
   * @throws BadInputException if it is not sound, or is kept whole and too long
   */
  Object value(String what, boolean whole) {
    int type = in.i32("the type of " + what);
    return type == ARRAY
        ? array(what, whole)
        : scalar(what, type, whole ? MOST_BYTES : SHOWN_BYTES);
  }

  /**
   * A string whole.
   *
   * @throws BadInputException if it is longer than {@code limit} bytes
   */
  String name(String what, int limit) {
    long length = in.count("the length of " + what, 1);
    if (length == 0 || length > limit) {
      throw BadInputException.broken(
          "%s: %s has %d bytes at byte %d, expected 1 to %d",
          in.file(), what, length, in.position(), limit);
    }
    return new String(in.bytes(what, (int) length), StandardCharsets.UTF_8);
  }

  private String string(String what, int most) {
    long length = in.count("the length of " + what, 1);
    byte[] shown = in.bytes(what, (int) Math.min(length, most));
    in.skip(what, length - shown.length);
    return new String(shown, StandardCharsets.UTF_8) + (length > shown.length ? "..." : "");
  }

  private Object scalar(String what, int type, int most) {
    return switch (type) {
      case 0 -> in.u8(what);
      case 1 -> (byte) in.u8(what);
      case 2 -> in.u16(what);
      case 3 -> (short) in.u16(what);
      case 4 -> Integer.toUnsignedLong(in.i32(what));
      case 5 -> in.i32(what);
      case 6 -> Float.intBitsToFloat(in.i32(what));
      case 7 -> in.u8(what) != 0;
      case STRING -> string(what, most);
      case 10, 11 -> in.i64(what);
      case 12 -> Double.longBitsToDouble(in.i64(what));
      default ->
          throw BadInputException.broken(
              "%s: %s has the value type %d at byte %d, expected 0 to 12",
              in.file(), what, type, in.position());
    };
  }

  private GgufArray array(String what, boolean whole) {
    int type = in.i32("the element type of " + what);
    if (type == ARRAY) {
      throw BadInputException.broken(
          "%s: %s is an array of arrays at byte %d, expected numbers or strings",
          in.file(), what, in.position());
    }
    long count = in.count("the number of elements of " + what, bytes(what, type));
    if (whole && count > MOST_ELEMENTS) {
      throw BadInputException.broken(
          "%s: %s has %d elements, expected at most %d", in.file(), what, count, MOST_ELEMENTS);
    }
    List<Object> first = new ArrayList<>();
    long begin = in.position();
    for (long i = 0; i < (whole ? count : Math.min(count, SHOWN_ELEMENTS)); i++) {
      first.add(scalar(what, type, SHOWN_BYTES));
      if (in.position() - begin > MOST_BYTES) {
        throw BadInputException.broken(
            "%s: %s has more than %d bytes, expected a vocabulary of less",
            in.file(), what, MOST_BYTES);
      }
    }
    skip(what, type, count - first.size());
    return new GgufArray(count, first);
  }

  private void skip(String what, int type, long count) {
    if (type != STRING) {
      in.skip(what, count * bytes(what, type));
      return;
    }
    for (long i = 0; i < count; i++) {
      in.skip(what, in.count("the length of a string in " + what, 1));
    }
  }

  /** Bytes that an element has at least. */
  private int bytes(String what, int type) {
    return switch (type) {
      case 0, 1, 7 -> 1;
      case 2, 3 -> 2;
      case 4, 5, 6 -> 4;
      case STRING, 10, 11, 12 -> 8;
      default ->
          throw BadInputException.broken(
              "%s: %s has the element type %d at byte %d, expected 0 to 12",
              in.file(), what, type, in.position());
    };
  }
}
