package io.tritmill.jobs.gguf;

import io.tritmill.jobs.failure.BadInputException;
import io.tritmill.jobs.failure.Printable;
import io.tritmill.jobs.storage.HeaderInput;
import io.tritmill.jobs.storage.Storage;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.apache.hadoop.fs.Path;

/**
 * What a GGUF file says of itself: keys and values, and where its tensors lie.
 *
 * <p>Versions 2 and 3, little endian. A header that was read is sound: keys and names are unique,
 * and tensors of known types follow each other, padded to the alignment, within the file.
 *
 * @param version of the format
 * @param alignment bytes to a multiple of which each tensor is padded
 * @param values by key: numbers, truth values, strings and {@link GgufArray}s
 * @param tensors in the order of the header
 * @param dataStart first byte of the data; {@code Tensor.offset} counts from here
 */
public record GgufHeader(
    int version, long alignment, Map<String, Object> values, List<Tensor> tensors, long dataStart) {
  private static final int MAGIC = 0x46554747; // "GGUF", little endian
  private static final int MAX_KEYS = 100_000;
  private static final int MAX_TENSORS = 1_000_000;
  private static final int MAX_KEY_BYTES = 65_535;
  private static final int MAX_NAME_BYTES = 512;
  private static final int MAX_DIMENSIONS = 8;
  private static final int MIN_KEY_VALUE_BYTES = 8 + 1 + 4 + 1;
  private static final int MIN_TENSOR_BYTES = 8 + 1 + 4 + 4 + 8;

  /**
   * A tensor of the file.
   *
   * @param typeNumber ggml's number of its type
   * @param shape elements of a row first, as ggml counts them
   * @param offset of its first byte in the data, which begins after the header
   */
  public record Tensor(String name, int typeNumber, List<Long> shape, long offset) {
    /** Its type, if it is known. */
    public Optional<GgufType> type() {
      return GgufType.of(typeNumber);
    }

    /** Number of elements. */
    public long elements() {
      return shape.stream().reduce(1L, Math::multiplyExact);
    }

    /** Bytes, if the type is known. */
    public Optional<Long> bytes() {
      return type()
          .map(t -> Math.multiplyExact(elements() / t.blockElements(), (long) t.blockBytes()));
    }
  }

  public GgufHeader {
    values = Collections.unmodifiableMap(new LinkedHashMap<>(values));
    tensors = List.copyOf(tensors);
  }

  /**
   * Reads and checks a header; of long strings and arrays it keeps the beginning.
   *
   * @throws BadInputException if the file is no sound GGUF file
   */
  public static GgufHeader read(Storage storage, Path file) {
    return read(storage, file, Set.of());
  }

  /**
   * Reads and checks a header.
   *
   * @param whole keys whose strings and arrays are kept whole
   * @throws BadInputException if the file is no sound GGUF file
   */
  public static GgufHeader read(Storage storage, Path file, Set<String> whole) {
    try (HeaderInput in = new HeaderInput(storage, file)) {
      if (in.i32("the magic") != MAGIC) {
        throw BadInputException.broken("%s: does not begin with GGUF", in.file());
      }
      int version = in.i32("the version");
      if (version != 2 && version != 3) {
        throw BadInputException.broken(
            "%s: has GGUF version %d, expected 2 or 3, little endian; convert it with a current"
                + " llama.cpp",
            in.file(), version);
      }
      long tensorCount = limited(in, "the number of tensors", MIN_TENSOR_BYTES, MAX_TENSORS);
      long keyCount = limited(in, "the number of keys", MIN_KEY_VALUE_BYTES, MAX_KEYS);
      Map<String, Object> values = values(in, keyCount, whole);
      long alignment = alignment(in, values);
      List<Tensor> tensors = tensors(in, tensorCount);
      long dataStart = tensors.isEmpty() ? in.position() : padded(in.position(), alignment);
      requirePlaced(in, tensors, alignment, dataStart);
      return new GgufHeader(version, alignment, values, tensors, dataStart);
    }
  }

  private static long limited(HeaderInput in, String what, int bytes, int limit) {
    long count = in.count(what, bytes);
    if (count > limit) {
      throw BadInputException.broken(
          "%s: %s is %d, expected at most %d", in.file(), what, count, limit);
    }
    return count;
  }

  private static Map<String, Object> values(HeaderInput in, long count, Set<String> whole) {
    GgufValues reader = new GgufValues(in);
    Map<String, Object> values = new LinkedHashMap<>();
    for (long i = 0; i < count; i++) {
      String key = reader.name("a key", MAX_KEY_BYTES);
      if (values.put(key, reader.value("the value of " + Printable.of(key), whole.contains(key)))
          != null) {
        throw BadInputException.broken(
            "%s: has the key %s twice, expected every key once", in.file(), Printable.of(key));
      }
    }
    return values;
  }

  private static long alignment(HeaderInput in, Map<String, Object> values) {
    Object alignment = values.getOrDefault("general.alignment", 32L);
    if (alignment instanceof Long bytes && bytes > 0 && Long.bitCount(bytes) == 1) {
      return bytes;
    }
    throw BadInputException.broken(
        "%s: general.alignment is %s, expected a power of two",
        in.file(), Printable.of(alignment.toString()));
  }

  private static List<Tensor> tensors(HeaderInput in, long count) {
    GgufValues reader = new GgufValues(in);
    Set<String> names = new HashSet<>();
    List<Tensor> tensors = new ArrayList<>();
    for (long i = 0; i < count; i++) {
      String name = reader.name("the name of a tensor", MAX_NAME_BYTES);
      if (!names.add(name)) {
        throw BadInputException.broken(
            "%s: has the tensor %s twice, expected every name once", in.file(), Printable.of(name));
      }
      tensors.add(tensor(in, name));
    }
    return tensors;
  }

  private static Tensor tensor(HeaderInput in, String name) {
    String what = "tensor " + Printable.of(name);
    int dimensions = in.i32("the number of dimensions of " + what);
    if (dimensions < 0 || dimensions > MAX_DIMENSIONS) {
      throw BadInputException.broken(
          "%s: %s has %s dimensions, expected at most %d",
          in.file(), what, Integer.toUnsignedString(dimensions), MAX_DIMENSIONS);
    }
    List<Long> shape = new ArrayList<>();
    for (int i = 0; i < dimensions; i++) {
      shape.add(in.i64("a dimension of " + what));
    }
    int type = in.i32("the type of " + what);
    Tensor tensor = new Tensor(name, type, List.copyOf(shape), in.i64("the offset of " + what));
    requireSize(in, what, tensor);
    return tensor;
  }

  private static void requireSize(HeaderInput in, String what, Tensor tensor) {
    boolean sound = tensor.shape().stream().allMatch(dimension -> dimension >= 0);
    try {
      sound = sound && tensor.bytes().orElse(tensor.elements()) >= 0;
    } catch (ArithmeticException e) {
      sound = false;
    }
    if (!sound || tensor.offset() < 0) {
      throw BadInputException.broken(
          "%s: %s of shape %s at %d has no size that fits a file",
          in.file(), what, tensor.shape(), tensor.offset());
    }
    long row = tensor.shape().isEmpty() ? 1 : tensor.shape().getFirst();
    tensor
        .type()
        .filter(type -> row % type.blockElements() != 0)
        .ifPresent(
            type -> {
              throw BadInputException.broken(
                  "%s: %s has rows of %d, but a block of %s has %d elements",
                  in.file(), what, row, type, type.blockElements());
            });
  }

  /** Each tensor begins where the one before ends, padded; the data where the header ends. */
  private static void requirePlaced(
      HeaderInput in, List<Tensor> tensors, long alignment, long start) {
    if (!tensors.stream().allMatch(tensor -> tensor.type().isPresent())) {
      return;
    }
    long expected = 0;
    for (Tensor tensor : tensors) {
      String what = "tensor " + Printable.of(tensor.name());
      if (tensor.offset() != expected) {
        throw BadInputException.broken(
            "%s: %s is at %d of the data, expected %d, right after the one before",
            in.file(), what, tensor.offset(), expected);
      }
      long bytes = tensor.bytes().orElseThrow();
      if (bytes > in.length() - start - expected) {
        throw BadInputException.broken(
            "%s: %s needs %d bytes from byte %d on, but the file has %d; is the download complete?",
            in.file(), what, bytes, start + expected, in.length());
      }
      expected = padded(expected + bytes, alignment);
    }
  }

  private static long padded(long position, long alignment) {
    return Math.addExact(position, alignment - 1) & -alignment;
  }
}
