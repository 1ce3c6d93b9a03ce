package io.tritmill.jobs.gguf;

import io.tritmill.jobs.failure.BadInputException;
import io.tritmill.jobs.failure.Printable;
import io.tritmill.jobs.storage.Storage;
import io.tritmill.kernels.tensor.DType;
import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.Path;

/** A model of one or several GGUF files, of which headers were read: its keys and tensors. */
public final class GgufModel {
  private final Storage storage;
  private final List<Path> files;
  private final GgufKeys keys;
  private final Map<String, Tensor> tensors;
  private final Map<String, float[]> given;

  /**
   * A tensor, described as others describe it.
   *
   * @param name ggml's
   * @param type ggml's name of its type
   * @param shape outermost dimension first
   * @param file URI of the file
   * @param offset of the first byte in the file
   * @param bytes number of bytes
   */
  public record Tensor(
      String name, String type, List<Long> shape, String file, long offset, long bytes) {}

  private GgufModel(
      Storage storage,
      List<Path> files,
      GgufKeys keys,
      Map<String, Tensor> tensors,
      Map<String, float[]> given) {
    this.storage = storage;
    this.files = files;
    this.keys = keys;
    this.tensors = tensors;
    this.given = given;
  }

  /**
   * A model that is not written yet: what its header will say.
   *
   * @param file for messages
   * @param given the values of tensors that are known already
   */
  public static GgufModel toBeWritten(
      String file, Map<String, Object> values, List<Tensor> tensors, Map<String, float[]> given) {
    Map<String, Tensor> byName = new LinkedHashMap<>();
    tensors.forEach(tensor -> byName.put(tensor.name(), tensor));
    return new GgufModel(null, List.of(), new GgufKeys(file, values), byName, given);
  }

  /**
   * Reads the headers of a model.
   *
   * @param files in order, as {@link GgufFiles} finds them
   * @param whole keys whose arrays are kept whole
   * @throws BadInputException if they are not sound, or do not belong together
   */
  public static GgufModel open(Storage storage, List<Path> files, Set<String> whole) {
    GgufKeys keys = null;
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    for (int part = 0; part < files.size(); part++) {
      GgufHeader header = GgufHeader.read(storage, files.get(part), whole);
      GgufKeys own = new GgufKeys(files.get(part).toString(), header.values());
      requirePart(own, part, files.size());
      keys = keys == null ? own : keys;
      for (GgufHeader.Tensor tensor : header.tensors()) {
        Tensor described = described(own.file(), header, tensor);
        Tensor other = tensors.put(tensor.name(), described);
        if (other != null) {
          throw BadInputException.broken(
              "%s: tensor %s is in %s too, expected it in one part only",
              own.file(), Printable.of(tensor.name()), new Path(other.file()).getName());
        }
      }
    }
    requireAll(keys, tensors.size());
    return new GgufModel(storage, List.copyOf(files), keys, tensors, Map.of());
  }

  private static Tensor described(String file, GgufHeader header, GgufHeader.Tensor tensor) {
    GgufType type =
        tensor
            .type()
            .orElseThrow(
                () ->
                    BadInputException.unsupported(
                        "%s: tensor %s has the type %s, which is unknown; convert the model to"
                            + " another type first",
                        file,
                        Printable.of(tensor.name()),
                        Integer.toUnsignedString(tensor.typeNumber())));
    return new Tensor(
        tensor.name(),
        type.name(),
        List.copyOf(tensor.shape().reversed()),
        file,
        Math.addExact(header.dataStart(), tensor.offset()),
        tensor.bytes().orElseThrow());
  }

  private static void requirePart(GgufKeys keys, int part, int parts) {
    int count = keys.optionalWhole("split.count").orElse(parts > 1 ? 0 : 1);
    int number = keys.optionalWhole("split.no").orElse(0);
    if (Math.max(1, count) != parts || parts > 1 && number != part) {
      throw BadInputException.broken(
          "%s: says that it is part %d of %d, but by its name it is part %d of %d; give all parts,"
              + " named as they were made",
          keys.file(), number + 1, count, part + 1, parts);
    }
  }

  private static void requireAll(GgufKeys keys, int tensors) {
    int expected = keys.optionalWhole("split.tensors.count").orElse(tensors);
    if (expected != tensors) {
      throw BadInputException.broken(
          "%s: says that the model has %d tensors, but its parts have %d; do they belong together?",
          keys.file(), expected, tensors);
    }
  }

  /** URI of the file whose keys count: the first. */
  public String file() {
    return keys.file();
  }

  /** All files, in order. */
  public List<Path> files() {
    return files;
  }

  /** The keys that count, those of the first file. */
  public GgufKeys keys() {
    return keys;
  }

  /** Whether there is a tensor of this name. */
  public boolean has(String name) {
    return tensors.containsKey(name);
  }

  /** The tensor of this name. */
  public Optional<Tensor> tensor(String name) {
    return Optional.ofNullable(tensors.get(name));
  }

  /** All of them, in the order of the files. */
  public List<Tensor> tensors() {
    return List.copyOf(tensors.values());
  }

  /** The values of a small vector of single precision. */
  public float[] floats(Tensor tensor, int count) {
    if (!tensor.type().equals(DType.F32.name()) || !tensor.shape().equals(List.of((long) count))) {
      throw BadInputException.broken(
          "%s: tensor %s is %s of shape %s, expected F32 of [%d]",
          tensor.file(), tensor.name(), tensor.type(), tensor.shape(), count);
    }
    if (given.containsKey(tensor.name())) {
      return given.get(tensor.name()).clone();
    }
    byte[] bytes = new byte[Math.toIntExact(tensor.bytes())];
    try (FSDataInputStream in = storage.openRanges(new Path(tensor.file()))) {
      in.readFully(tensor.offset(), bytes);
    } catch (EOFException e) {
      throw BadInputException.broken(
          "%s: ended inside tensor %s; did the file change?", tensor.file(), tensor.name());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    float[] values = new float[count];
    DType.F32.decode(bytes, 0, values, 0, count);
    return values;
  }
}
