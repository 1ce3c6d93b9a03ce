package io.tritmill.jobs.gguf;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** Little-endian bytes of a GGUF file, sound or not, one field after the other. */
final class GgufBuilder {
  static final int U32 = 4;
  static final int STRING = 8;
  static final int ARRAY = 9;

  private final ByteArrayOutputStream out = new ByteArrayOutputStream();

  /** Magic, version and counts. */
  static GgufBuilder header(int version, long tensors, long keys) {
    return new GgufBuilder().text("GGUF").i32(version).i64(tensors).i64(keys);
  }

  /** A key with a string. */
  GgufBuilder string(String key, String value) {
    return name(key).i32(STRING).name(value);
  }

  /** A key with a number. */
  GgufBuilder u32(String key, int value) {
    return name(key).i32(U32).i32(value);
  }

  /** A key with a value of the kind that its class stands for; lists are of strings or numbers. */
  GgufBuilder key(String key, Object value) {
    return name(key).i32(type(value)).value(value);
  }

  private static int type(Object value) {
    return switch (value) {
      case Integer i -> U32;
      case Float f -> 6;
      case Boolean b -> 7;
      case String s -> STRING;
      case List<?> list -> ARRAY;
      default -> throw new IllegalArgumentException(value.toString());
    };
  }

  private GgufBuilder value(Object value) {
    switch (value) {
      case Integer i -> i32(i);
      case Float f -> i32(Float.floatToRawIntBits(f));
      case Boolean b -> out.write(b ? 1 : 0);
      case String s -> name(s);
      case List<?> list -> {
        i32(list.isEmpty() ? STRING : type(list.getFirst())).i64(list.size());
        list.forEach(this::value);
      }
      default -> throw new IllegalArgumentException(value.toString());
    }
    return this;
  }

  /** A tensor of any dimensions, outermost first. */
  GgufBuilder tensor(String name, int type, List<Integer> shape, long offset) {
    name(name).i32(shape.size());
    shape.reversed().forEach(this::i64);
    return i32(type).i64(offset);
  }

  /** Zeros up to a multiple of 32, then these bytes. */
  GgufBuilder data(byte[] bytes) {
    data(0);
    out.writeBytes(bytes);
    return this;
  }

  /** A tensor of two dimensions. */
  GgufBuilder tensor(String name, int type, long columns, long rows, long offset) {
    return name(name).i32(2).i64(columns).i64(rows).i32(type).i64(offset);
  }

  /** Length and bytes. */
  GgufBuilder name(String text) {
    return i64(text.getBytes(StandardCharsets.UTF_8).length).text(text);
  }

  GgufBuilder text(String text) {
    out.writeBytes(text.getBytes(StandardCharsets.UTF_8));
    return this;
  }

  GgufBuilder i32(int value) {
    out.writeBytes(ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN).putInt(value).array());
    return this;
  }

  GgufBuilder i64(long value) {
    out.writeBytes(ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putLong(value).array());
    return this;
  }

  /** Zeros up to a multiple of 32, then so many more. */
  GgufBuilder data(int bytes) {
    while (out.size() % 32 != 0) {
      out.write(0);
    }
    out.writeBytes(new byte[bytes]);
    return this;
  }

  byte[] bytes() {
    return out.toByteArray();
  }
}
