package io.tritmill.jobs.gguf;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;

/**
 * Writes the values of a GGUF header: whole numbers are unsigned by themselves and signed in
 * arrays, as ggml's own writer has them.
 */
final class GgufValueWriter {
  private static final int U16 = 2;
  private static final int U32 = 4;
  private static final int I32 = 5;
  private static final int F32 = 6;
  private static final int BOOL = 7;
  private static final int STRING = 8;
  private static final int ARRAY = 9;

  private final ByteArrayOutputStream out = new ByteArrayOutputStream();

  /** A number by itself that is signed nevertheless. */
  record Signed(int value) {}

  /** A key and its value. */
  void entry(String key, Object value) {
    string(key);
    switch (value) {
      case GgufArray array -> array(array);
      case Integer number -> {
        i32(U32);
        i32(number);
      }
      case Long number -> {
        i32(U32);
        i32(Math.toIntExact(number));
      }
      default -> {
        i32(type(value));
        scalar(value);
      }
    }
  }

  private void array(GgufArray array) {
    i32(ARRAY);
    i32(array.elements().isEmpty() ? I32 : type(array.elements().getFirst()));
    i64(array.elements().size());
    array.elements().forEach(this::scalar);
  }

  private static int type(Object value) {
    return switch (value) {
      case Short number -> U16;
      case Integer number -> I32;
      case Signed number -> I32;
      case Float number -> F32;
      case Boolean truth -> BOOL;
      case String text -> STRING;
      default -> throw new IllegalArgumentException("No type of ggml: " + value.getClass());
    };
  }

  private void scalar(Object value) {
    switch (value) {
      case Short number -> little(number, Short.BYTES);
      case Integer number -> i32(number);
      case Signed number -> i32(number.value());
      case Float number -> i32(Float.floatToRawIntBits(number));
      case Boolean truth -> out.write(truth ? 1 : 0);
      case String text -> string(text);
      default -> throw new IllegalArgumentException("No type of ggml: " + value.getClass());
    }
  }

  void string(String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    i64(bytes.length);
    bytes(bytes);
  }

  void i32(int value) {
    little(value, Integer.BYTES);
  }

  void i64(long value) {
    little(value, Long.BYTES);
  }

  private void little(long value, int bytes) {
    for (int b = 0; b < bytes; b++) {
      out.write((int) (value >>> Byte.SIZE * b));
    }
  }

  void bytes(byte[] bytes) {
    out.writeBytes(bytes);
  }

  void zeros(int count) {
    out.writeBytes(new byte[count]);
  }

  int size() {
    return out.size();
  }

  void writeTo(OutputStream to) throws IOException {
    out.writeTo(to);
  }
}
