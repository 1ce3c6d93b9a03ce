package io.tritmill.jobs.gguf;

import io.tritmill.jobs.failure.BadInputException;
import io.tritmill.jobs.failure.Printable;
import io.tritmill.jobs.storage.Storage;
import io.tritmill.kernels.tensor.DType;
import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.Path;

/**
 * A model of one or several GGUF files, of which headers were read: what a family of Hugging Face
 * would call its keys and tensors.
 */
public final class GgufModel {
  private final Storage storage;
  private final List<Path> files;
  private final GgufKeys keys;
  private final Map<String, Tensor> tensors;
  private final GgufArchitecture architecture;

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

  private GgufModel(Storage storage, List<Path> files, GgufKeys keys, Map<String, Tensor> tensors) {
    this.storage = storage;
    this.files = files;
    this.keys = keys;
    this.tensors = tensors;
    this.architecture = architecture(keys);
  }

  /**
   * Reads the headers of a model.
   *
   * @param files in order, as {@link GgufFiles} finds them
   * @throws BadInputException if they are not sound, do not belong together, or are of an
   *     architecture that is unknown here
   */
  public static GgufModel open(Storage storage, List<Path> files) {
    GgufKeys keys = null;
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    for (int part = 0; part < files.size(); part++) {
      GgufHeader header = GgufHeader.read(storage, files.get(part));
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
    return new GgufModel(storage, List.copyOf(files), keys, tensors);
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

  private static GgufArchitecture architecture(GgufKeys keys) {
    String name =
        keys.text("general.architecture").orElseThrow(() -> keys.missing("general.architecture"));
    return GgufArchitecture.ALL.stream()
        .filter(one -> one.name().equals(name))
        .findFirst()
        .orElseThrow(
            () ->
                BadInputException.unsupported(
                    "%s: general.architecture is %s, expected one of %s; give the checkpoint that it"
                        + " was made from",
                    keys.file(),
                    Printable.of(name),
                    GgufArchitecture.ALL.stream().map(GgufArchitecture::name).toList()));
  }

  /** URI of the file whose keys count: the first. */
  public String file() {
    return keys.file();
  }

  /** All files, in order. */
  public List<Path> files() {
    return files;
  }

  GgufKeys keys() {
    return keys;
  }

  boolean has(String name) {
    return tensors.containsKey(name);
  }

  Optional<Tensor> tensor(String name) {
    return Optional.ofNullable(tensors.get(name));
  }

  /** The weights, in the order of the files. */
  public List<Tensor> weights() {
    List<Tensor> weights = new ArrayList<>(tensors.values());
    weights.removeIf(tensor -> architecture.inConfig(tensor.name()));
    return weights;
  }

  /**
   * The name of a weight in the layout of Hugging Face.
   *
   * @throws BadInputException if the architecture has no such weight
   */
  public String name(Tensor weight) {
    return architecture
        .tensorName(weight.name())
        .orElseThrow(
            () ->
                BadInputException.unsupported(
                    "%s: tensor %s is none that a model of architecture %s is known to have; give"
                        + " the checkpoint that it was made from",
                    weight.file(), Printable.of(weight.name()), architecture.name()));
  }

  /**
   * In how many heads the rows of a weight lie interleaved: of a head of {@code 2 n} rows, row
   * {@code i} of the first half lies at {@code 2 i}, of the second at {@code 2 i + 1}; 0 where they
   * lie in order.
   *
   * @throws BadInputException if its rows are no such heads
   */
  public int interleavedHeads(Tensor weight) {
    int heads = architecture.interleavedHeads(this, weight.name());
    long rows = weight.shape().isEmpty() ? 0 : weight.shape().getFirst();
    if (heads > 0 && (rows == 0 || rows % (2L * heads) != 0)) {
      throw BadInputException.broken(
          "%s: tensor %s has %d rows, expected %d heads of an even number each; do the keys and the"
              + " tensors belong together?",
          weight.file(), Printable.of(weight.name()), rows, heads);
    }
    return heads;
  }

  /**
   * The values of config.json.
   *
   * @throws BadInputException if keys are missing, contradict the tensors, or ask for what is not
   *     known here
   */
  public Map<String, Object> config() {
    return architecture.config(this);
  }

  /** The values of a small vector of single precision. */
  float[] floats(Tensor tensor, int count) {
    if (!tensor.type().equals(DType.F32.name()) || !tensor.shape().equals(List.of((long) count))) {
      throw BadInputException.broken(
          "%s: tensor %s is %s of shape %s, expected F32 of [%d]",
          tensor.file(), tensor.name(), tensor.type(), tensor.shape(), count);
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
