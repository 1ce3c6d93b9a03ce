package io.tritmill.jobs.gguf.architecture;

import io.tritmill.jobs.failure.BadInputException;
import io.tritmill.jobs.failure.Printable;
import io.tritmill.jobs.gguf.FamilyTensor;
import io.tritmill.jobs.gguf.GgufArray;
import io.tritmill.jobs.gguf.GgufModel;
import io.tritmill.jobs.gguf.StoredTensor;
import io.tritmill.jobs.gguf.TensorNumbers;
import io.tritmill.kernels.model.Architecture;
import io.tritmill.kernels.model.config.ConfigValues;
import io.tritmill.kernels.model.config.UnsupportedConfigException;
import io.tritmill.kernels.model.describe.StoredTensors;
import io.tritmill.kernels.model.family.ModelFamily;
import io.tritmill.kernels.model.family.Wrapper;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * A model of a family as the keys and the tensors of a GGUF file.
 *
 * <p>What is to be written is read back as any such file is, and has to describe the same function:
 * what the keys of an architecture cannot say is refused, whatever it is.
 */
public final class StoredModel {
  private static final int MESSAGE = 300;

  private final String architecture;
  private final Map<String, Object> keys;
  private final List<StoredTensor> tensors;
  private final List<String> leftOut;

  private StoredModel(
      String architecture,
      Map<String, Object> keys,
      List<StoredTensor> tensors,
      List<String> leftOut) {
    this.architecture = architecture;
    this.keys = Collections.unmodifiableMap(keys);
    this.tensors = List.copyOf(tensors);
    this.leftOut = List.copyOf(leftOut);
  }

  /**
   * A model as it is to be written.
   *
   * @param file for messages: the model's config.json or folder
   * @param config values of its config.json
   * @param tensors of the family, in order: all of the checkpoint
   * @throws BadInputException if ggml has no architecture for it, or the model has what that has
   *     not
   */
  public static StoredModel of(
      String file, Map<String, Object> config, List<FamilyTensor> tensors) {
    ConfigValues values = Wrapper.unwrap(new ConfigValues(config));
    Set<String> names = tensors.stream().map(FamilyTensor::name).collect(Collectors.toSet());
    Architecture model = described(file, values, names);
    Description description = description(file, model.modelType());
    WrittenTensors family = new WrittenTensors(file, description, model, tensors);
    ModelKeys meanings = new ModelKeys(model, values, family.predicting());
    Map<String, Object> keys = new LinkedHashMap<>(meanings.of(description));
    keys.putAll(family.numbers());
    GgufModel withoutTensors = GgufModel.toBeWritten(file, keys, List.of(), Map.of());
    List<StoredTensor> stored =
        family.all(
            new Keys(withoutTensors, description.architecture()), RopeKeys.tensors(meanings));
    StoredModel written =
        new StoredModel(description.architecture(), keys, stored, family.leftOut());
    written.requireSame(file, model, names);
    return written;
  }

  private static Description description(String file, String modelType) {
    return Descriptions.ALL.stream()
        .filter(one -> one.isWritten(modelType))
        .findFirst()
        .orElseThrow(
            () ->
                BadInputException.unsupported(
                    "%s: model_type is %s, which is not written as GGUF, expected one of %s; choose"
                        + " another format",
                    file,
                    Printable.of(modelType),
                    ModelFamily.supported().stream()
                        .filter(type -> Descriptions.ALL.stream().anyMatch(d -> d.isWritten(type)))
                        .collect(Collectors.toCollection(TreeSet::new))));
  }

  private static Architecture described(String file, ConfigValues values, Set<String> names) {
    try {
      String type =
          values
              .text("model_type")
              .orElseThrow(() -> new IllegalArgumentException("model_type is missing"));
      return ModelFamily.of(type)
          .orElseThrow(
              () ->
                  new UnsupportedConfigException(
                      "model_type is %s, expected one of %s", type, ModelFamily.supported()))
          .describe(values, new Names(names));
    } catch (UnsupportedConfigException e) {
      throw BadInputException.unsupported(
          "%s: %s; choose another format", file, Printable.of(e.getMessage(), MESSAGE));
    } catch (IllegalArgumentException e) {
      throw BadInputException.broken(
          "%s: %s", file, Printable.of(String.valueOf(e.getMessage()), MESSAGE));
    }
  }

  /** Names of tensors, of which a description may ask. */
  private record Names(Set<String> names) implements StoredTensors {
    @Override
    public boolean has(String name) {
      return names.contains(name);
    }

    @Override
    public void requireBlocks(int blocks) {
      if (blocks > names.size()) {
        throw new IllegalArgumentException(
            "num_hidden_layers is %d, but there are %d tensors; do they belong together?"
                .formatted(blocks, names.size()));
      }
    }

    @Override
    public void requireExperts(long experts) {
      StoredTensors.none(Integer.MAX_VALUE).requireExperts(experts);
    }
  }

  /** Reads back what is to be written. */
  private void requireSame(String file, Architecture model, Set<String> names) {
    Architecture read;
    try {
      GgufArchitecture back = GgufArchitecture.of(unwritten(file));
      back.tensors();
      read = described(file, new ConfigValues(back.config()), names);
    } catch (BadInputException e) {
      throw BadInputException.unsupported(
          "%s: a GGUF file of architecture %s cannot hold the model: %s; choose another format",
          file, architecture, Printable.of(withoutFile(file, e.getMessage()), MESSAGE));
    }
    SameFunction.difference(model, likewise(read, model))
        .ifPresent(
            difference -> {
              throw BadInputException.unsupported(
                  "%s: a GGUF file of architecture %s cannot hold the model, since programs would"
                      + " run it otherwise: %s; choose another format",
                  file, architecture, Printable.of(difference, MESSAGE));
            });
  }

  private static String withoutFile(String file, String message) {
    return message.startsWith(file + ": ") ? message.substring(file.length() + 2) : message;
  }

  /** The tokenizer says what begins a text, and one architecture may have several families. */
  private static Architecture likewise(Architecture read, Architecture model) {
    return new Architecture(
        model.modelType(),
        read.vocabulary(),
        read.hidden(),
        read.maxPositions(),
        model.bosToken(),
        read.embedding(),
        read.embeddingScale(),
        read.sublayers(),
        read.finalNorm(),
        read.head(),
        read.logitScale(),
        read.logitSoftCap());
  }

  private GgufModel unwritten(String file) {
    Map<String, float[]> given = new HashMap<>();
    for (StoredTensor tensor : tensors) {
      if (tensor.content() instanceof StoredTensor.Given numbers) {
        given.put(tensor.name(), numbers.values());
      }
    }
    List<GgufModel.Tensor> described =
        tensors.stream()
            .map(
                one -> {
                  long elements = one.shape().stream().reduce(1L, Math::multiplyExact);
                  long bytes = Math.multiplyExact(elements, (long) Float.BYTES);
                  return new GgufModel.Tensor(one.name(), "F32", one.shape(), file, 0, bytes);
                })
            .toList();
    Map<String, Object> numbers = new HashMap<>(keys);
    numbers.replaceAll(
        (key, value) ->
            value instanceof TensorNumbers one
                ? GgufArray.of(Collections.nCopies(one.tensors().size(), 0f))
                : value);
    return GgufModel.toBeWritten(file, numbers, described, given);
  }

  /** ggml's name of what it is. */
  public String architecture() {
    return architecture;
  }

  /**
   * {@code general.architecture} and the keys of the architecture: {@link Integer} for whole
   * numbers of 32 bits without a sign, {@link Float}, {@link Boolean}, {@link String}, {@link
   * GgufArray} of one of them, whole numbers with a sign there, and {@link TensorNumbers}.
   */
  public Map<String, Object> keys() {
    return keys;
  }

  /** In the order in which they are written. */
  public List<StoredTensor> tensors() {
    return tensors;
  }

  /** The family's names of tensors that are not written, since the model does not read them. */
  public List<String> leftOut() {
    return leftOut;
  }
}
