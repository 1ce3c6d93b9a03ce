package io.tritmill.jobs.gguf.architecture;

import io.tritmill.jobs.failure.BadInputException;
import io.tritmill.jobs.failure.Printable;
import io.tritmill.jobs.gguf.FamilyTensor;
import io.tritmill.jobs.gguf.StoredTensor;
import io.tritmill.jobs.gguf.TensorNumbers;
import io.tritmill.jobs.tensor.Stack;
import io.tritmill.kernels.model.Architecture;
import io.tritmill.kernels.model.TensorSpec;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The tensors of a family on their way to those of ggml; each is written once, and none is left.
 */
final class WrittenTensors {
  private static final String EMBEDDING = "embed_tokens.weight";
  private static final String HEAD = "lm_head.weight";

  private final String file;
  private final Description description;
  private final Architecture model;
  private final Map<String, FamilyTensor> left = new LinkedHashMap<>();

  /**
   * Takes all tensors of a checkpoint.
   *
   * @throws BadInputException if one that the model needs is missing, or has another shape
   */
  WrittenTensors(
      String file, Description description, Architecture model, List<FamilyTensor> tensors) {
    this.file = file;
    this.description = description;
    this.model = model;
    Map<String, FamilyTensor> byName = new LinkedHashMap<>();
    for (FamilyTensor tensor : tensors) {
      byName.put(tensor.name(), tensor);
      left.put(usual(tensor.name()), tensor);
    }
    model.tensors().forEach(spec -> require(spec, byName));
  }

  /** A name as a checkpoint has it that no wrapper is around. */
  private String usual(String name) {
    String embedding = model.embedding().name();
    String prefix = embedding.substring(0, embedding.length() - EMBEDDING.length());
    if (name.equals(model.head().name()) && !model.tied()) {
      return HEAD;
    }
    boolean own = name.startsWith(prefix) && (!prefix.isEmpty() || !name.startsWith("mtp."));
    return own ? "model." + name.substring(prefix.length()) : name;
  }

  private void require(TensorSpec spec, Map<String, FamilyTensor> tensors) {
    String stack = Stack.nameOf(spec.name());
    FamilyTensor found = tensors.get(stack.isEmpty() ? spec.name() : stack);
    List<Long> expected = spec.shape().stream().map(Integer::longValue).toList();
    boolean fits =
        found != null
            && (stack.isEmpty()
                ? found.shape().equals(expected)
                : found.shape().size() == 3
                    && found.shape().subList(1, 3).equals(expected)
                    && found.shape().getFirst() > Stack.index(spec.name()));
    if (!fits) {
      throw BadInputException.broken(
          "%s: asks for the tensor %s of shape %s, but there is %s; is the model whole?",
          file,
          Printable.of(spec.name()),
          spec.shape(),
          found == null ? "none" : "one of shape " + found.shape());
    }
  }

  /** Blocks that predict further tokens. */
  int predicting() {
    int found = 0;
    String before = "";
    while (true) {
      String prefix = description.predictionPrefix(model.blocks() + found);
      if (prefix.equals(before) || left.keySet().stream().noneMatch(n -> n.startsWith(prefix))) {
        return found;
      }
      before = prefix;
      found++;
    }
  }

  /**
   * All of ggml's.
   *
   * @param keys that are written
   * @param given those that are no tensors of the family
   * @throws BadInputException if ggml has no place for a tensor that the model reads
   */
  List<StoredTensor> all(Keys keys, List<StoredTensor> given) {
    List<StoredTensor> written = new ArrayList<>(given);
    write(description.outside(), "", "", keys, written);
    for (int block = 0; block < keys.allBlocks(); block++) {
      boolean predicts = block >= keys.blocks();
      write(
          predicts ? description.ofPrediction() : description.blocks(),
          predicts ? description.predictionPrefix(block) : "model.layers." + block + ".",
          "blk." + block + ".",
          keys,
          written);
    }
    for (TensorSpec spec : model.tensors()) {
      String stack = Stack.nameOf(spec.name());
      if (left.containsKey(usual(stack.isEmpty() ? spec.name() : stack))) {
        throw BadInputException.unsupported(
            "%s: a GGUF file of architecture %s has no place for the tensor %s; choose another"
                + " format",
            file, description.architecture(), Printable.of(spec.name()));
      }
    }
    return written;
  }

  /** Those that the model does not read, such as what makes vectors of images. */
  List<String> leftOut() {
    return left.values().stream().map(FamilyTensor::name).toList();
  }

  /** Keys with numbers of tensors, which are not left then. */
  Map<String, TensorNumbers> numbers() {
    Map<String, TensorNumbers> keys = new LinkedHashMap<>();
    for (BlockNumbers one : description.numbers()) {
      List<String> sources = new ArrayList<>();
      for (String name : one.names(model.blocks())) {
        FamilyTensor tensor = take(name);
        if (tensor.elements() != 1) {
          throw Fold.misshapen(file, tensor, "one number");
        }
        sources.add(tensor.name());
      }
      keys.put(one.key(), new TensorNumbers(sources));
    }
    return keys;
  }

  private void write(
      TensorRules rules, String prefix, String storedPrefix, Keys keys, List<StoredTensor> into) {
    for (TensorRule rule : rules.all()) {
      List<String> names = rule.names().stream().map(name -> prefix + name).toList();
      taken(names, keys)
          .ifPresent(
              family ->
                  into.addAll(
                      rule.fold()
                          .write(
                              family,
                              rule.stored().stream().map(name -> storedPrefix + name).toList(),
                              keys)));
    }
  }

  /** Tensors of these names, which are not left then; empty where they were taken before. */
  private Optional<List<FamilyTensor>> taken(List<String> names, Keys keys) {
    List<String> each = new ArrayList<>();
    for (String name : names) {
      for (int expert = 0; expert < (name.contains("%d") ? keys.experts() : 1); expert++) {
        each.add(name.contains("%d") ? name.formatted(expert) : name);
      }
    }
    if (each.stream().noneMatch(left::containsKey)) {
      return Optional.empty();
    }
    List<FamilyTensor> taken = new ArrayList<>();
    for (String name : each) {
      taken.add(take(name));
    }
    return Optional.of(taken);
  }

  private FamilyTensor take(String name) {
    FamilyTensor tensor = left.remove(name);
    if (tensor == null) {
      throw BadInputException.broken(
          "%s: has no tensor %s beside others of its kind; is the model whole?", file, name);
    }
    return tensor;
  }
}
