package io.tritmill.jobs.inspect;

import io.tritmill.jobs.failure.BadInputException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** Reads the values of a GGUF header; of long strings and arrays only the beginning is kept. */
final class GgufValues {
  private static final int STRING = 8;
  private static final int ARRAY = 9;
  private static final int SHOWN_BYTES = 4096;
  private static final int SHOWN_ELEMENTS = 3;

  private final HeaderInput in;

  GgufValues(HeaderInput in) {
    this.in = in;
  }

  /** A number, truth value or string, or a phrase that sums an array up. */
  Object value(String what) {
    int type = in.i32("the type of " + what);
    return type == ARRAY ? array(what) : scalar(what, type);
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

  private String string(String what) {
    long length = in.count("the length of " + what, 1);
    byte[] shown = in.bytes(what, (int) Math.min(length, SHOWN_BYTES));
    in.skip(what, length - shown.length);
    return new String(shown, StandardCharsets.UTF_8) + (length > shown.length ? "..." : "");
  }

  private Object scalar(String what, int type) {
    return switch (type) {
      case 0 -> in.u8(what);
      case 1 -> (byte) in.u8(what);
      case 2 -> in.u16(what);
      case 3 -> (short) in.u16(what);
      case 4 -> Integer.toUnsignedLong(in.i32(what));
      case 5 -> in.i32(what);
      case 6 -> Float.intBitsToFloat(in.i32(what));
      case 7 -> in.u8(what) != 0;
      case STRING -> string(what);
      case 10, 11 -> in.i64(what);
      case 12 -> Double.longBitsToDouble(in.i64(what));
      default ->
          throw BadInputException.broken(
              "%s: %s has the value type %d at byte %d, expected 0 to 12",
              in.file(), what, type, in.position());
    };
  }

  private String array(String what) {
    int type = in.i32("the element type of " + what);
    if (type == ARRAY) {
      throw BadInputException.broken(
          "%s: %s is an array of arrays at byte %d, expected numbers or strings",
          in.file(), what, in.position());
    }
    long count = in.count("the number of elements of " + what, bytes(what, type));
    List<Object> first = new ArrayList<>();
    for (long i = 0; i < Math.min(count, SHOWN_ELEMENTS); i++) {
      first.add(scalar(what, type));
    }
    skip(what, type, count - first.size());
    return "%d elements: %s%s".formatted(count, first, count > first.size() ? " ..." : "");
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
