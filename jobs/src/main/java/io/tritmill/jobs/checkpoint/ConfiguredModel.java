package io.tritmill.jobs.checkpoint;

import io.tritmill.jobs.failure.BadInputException;
import io.tritmill.jobs.failure.ExitCode;
import io.tritmill.jobs.failure.Printable;
import io.tritmill.jobs.tensor.Stack;
import io.tritmill.jobs.tensor.TensorInfo;
import io.tritmill.kernels.model.Architecture;
import io.tritmill.kernels.model.TensorSpec;
import io.tritmill.kernels.model.config.ConfigValues;
import io.tritmill.kernels.model.config.UnsupportedConfigException;
import io.tritmill.kernels.model.describe.StoredTensors;
import io.tritmill.kernels.model.family.ModelFamily;
import io.tritmill.kernels.model.family.Wrapper;
import io.tritmill.kernels.tensor.DType;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;

/**
 * What config.json says, held against the tensors that are there.
 *
 * @param file path of config.json, for messages
 * @param tensors by name
 */
record ConfiguredModel(String file, ConfigValues values, NamedTensors tensors) {
  private static final String TIED = "tie_word_embeddings";
  private static final int MESSAGE = 400;

  /** More than any model has: what a description of a few bytes may ask for. */
  static final int MOST_BLOCKS = 1_000;

  /** Fewer weights than any expert has. */
  private static final long FEWEST_OF_EXPERT = 16;

  /** More than any model has; a plan of more would not fit a driver. */
  private static final long MOST_WEIGHTS = 1L << 42;

  ConfiguredModel {
    values = Wrapper.unwrap(values);
  }

  Optional<String> modelType() {
    return read(() -> values.text("model_type"));
  }

  ModelFamily family() {
    String type =
        modelType()
            .orElseThrow(
                () ->
                    BadInputException.broken(
                        "%s: has no model_type, expected one of %s",
                        file, ModelFamily.supported()));
    return ModelFamily.of(type)
        .orElseThrow(
            () ->
                BadInputException.unsupported(
                    "%s: model_type is %s, expected one of %s; give --weights-only to compress it"
                        + " without evaluation",
                    file, Printable.of(type), ModelFamily.supported()));
  }

  Architecture architecture() {
    return describe(Stored.of(this));
  }

  /** The checkpoint's tensors. Every block has one at least: no description grows beyond them. */
  private record Stored(ConfiguredModel model, long weights) implements StoredTensors {
    static Stored of(ConfiguredModel model) {
      long weights = model.tensors.stored().values().stream().mapToLong(TensorInfo::elements).sum();
      return new Stored(model, weights);
    }

    @Override
    public boolean has(String name) {
      return model.tensors.has(name);
    }

    @Override
    public void requireBlocks(int blocks) {
      if (blocks > model.tensors.stored().size()) {
        throw new IllegalArgumentException(
            "num_hidden_layers is %d, but the checkpoint has %d tensors; do they belong together?"
                .formatted(blocks, model.tensors.stored().size()));
      }
    }

    @Override
    public void requireExperts(long experts) {
      if (experts > Math.min(weights / FEWEST_OF_EXPERT, MOST_EXPERTS)) {
        throw new IllegalArgumentException(
            ("there are %d experts in all blocks, expected at most %d, and fewer in a checkpoint of"
                    + " %d weights; do the two belong together?")
                .formatted(experts, MOST_EXPERTS, weights));
      }
    }
  }

  private Architecture describe(StoredTensors stored) {
    ModelFamily family = family();
    return read(() -> family.describe(values, stored));
  }

  /** Whether config.json ties the head to the embedding, and yet there is a head of its own. */
  private boolean headStored(Supplier<Architecture> model) {
    return read(() -> values.flag(TIED, false)) && !model.get().tied();
  }

  /** The tensors that config.json asks for, whether there are any or not. */
  List<TensorSpec> described() {
    List<TensorSpec> specs = describe(StoredTensors.none(MOST_BLOCKS)).tensors();
    double weights = specs.stream().mapToDouble(ConfiguredModel::weights).sum();
    if (weights > MOST_WEIGHTS) {
      TensorSpec largest =
          specs.stream().max(Comparator.comparingDouble(ConfiguredModel::weights)).orElseThrow();
      throw BadInputException.broken(
          "%s: describes %.3g weights, such as %s of shape %s, expected at most %.3g; are its sizes"
              + " right?",
          file, weights, largest.name(), largest.shape(), (double) MOST_WEIGHTS);
    }
    return specs;
  }

  private static double weights(TensorSpec spec) {
    return spec.shape().stream().mapToDouble(Integer::doubleValue).reduce(1, (a, b) -> a * b);
  }

  /**
   * Tensors that the model does not need.
   *
   * @param model as {@link #architecture} has it
   */
  List<TensorInfo> extras(Architecture model) {
    Set<String> known = new HashSet<>();
    for (TensorSpec spec : model.tensors()) {
      known.add(spec.name());
      known.add(Stack.nameOf(spec.name()));
    }
    return tensors.stored().values().stream()
        .filter(tensor -> !known.contains(tensor.name()))
        .toList();
  }

  /**
   * Requires all tensors of the model.
   *
   * @param model as {@link #architecture} has it
   */
  void check(Architecture model) {
    Map<String, Integer> matrices = new HashMap<>();
    for (TensorSpec spec : model.tensors()) {
      check(spec, spec.equals(model.head()) && !model.tied());
      matrices.merge(Stack.nameOf(spec.name()), 1, Integer::sum);
    }
    matrices.forEach(this::requireAll);
  }

  /** Requires that a stacked tensor has no more matrices than config.json asks for. */
  private void requireAll(String name, int matrices) {
    tensors
        .stack(name)
        .filter(stack -> stack.matrices() != matrices)
        .ifPresent(
            stack -> {
              throw BadInputException.broken(
                  "%s: tensor %s has shape %s, but %s asks for %d matrices in it; do the two belong"
                      + " together?",
                  stack.tensor().file(), name, stack.tensor().shape(), file, matrices);
            });
  }

  private void check(TensorSpec spec, boolean head) {
    TensorInfo found = tensors.get(spec.name()).orElse(null);
    if (found == null) {
      otherNames(spec.name())
          .ifPresent(
              names -> {
                throw BadInputException.unsupported(
                    "%s: asks for the tensor %s, but %s; rename the tensors, or give --weights-only"
                        + " to compress it without evaluation",
                    file, spec.name(), Printable.of(names, MESSAGE));
              });
      throw head
          ? BadInputException.broken(
              "%s: %s is false, but the checkpoint has no %s; set it to true if the head is the"
                  + " embedding, else is the download complete?",
              file, TIED, spec.name())
          : BadInputException.broken(
              "%s: asks for the tensor %s of shape %s, but the checkpoint has none; is the download"
                  + " complete?",
              file, spec.name(), spec.shape());
    }
    if (!found.shape().equals(spec.shape().stream().map(Integer::longValue).toList())) {
      throw BadInputException.broken(
          "%s: tensor %s has shape %s, but %s asks for %s; do the two belong together?",
          found.file(), spec.name(), found.shape(), file, spec.shape());
    }
    if (found.encoding().isEmpty()) {
      throw BadInputException.unsupported(
          "%s: tensor %s has dtype %s, expected one of %s; save the model as bfloat16 first",
          found.file(), spec.name(), found.dtype(), List.of(DType.values()));
    }
  }

  /** What the tensors are called where a checkpoint is whole, but by other names. */
  private Optional<String> otherNames(String name) {
    if (tensors.stored().containsKey("tok_embeddings.weight")) {
      return Optional.of(
          "the checkpoint has names of another program, such as tok_embeddings.weight");
    }
    if (name.equals("model.embed_tokens.weight")
        && tensors.stored().containsKey("lm_head.weight")) {
      return Optional.of(
          "%s is %s and of the two the checkpoint has lm_head.weight alone"
              .formatted(TIED, values.flag(TIED, false)));
    }
    return tensors.stored().keySet().stream()
        .filter(other -> other.endsWith("." + name))
        .findFirst()
        .map(other -> "the checkpoint calls it %s".formatted(other));
  }

  List<String> configRemarks() {
    return read(() -> family().remark(values)).stream()
        .map(remark -> file + ": " + Printable.of(remark, MESSAGE))
        .toList();
  }

  /**
   * What a user should know.
   *
   * @param model as {@link #architecture} has it, asked for after config.json
   */
  List<String> remarks(Supplier<Architecture> model) {
    List<String> remarks = new ArrayList<>(configRemarks());
    if (headStored(model)) {
      remarks.add(
          "%s: %s is true, but the checkpoint has a head of its own; it is used as stored"
              .formatted(file, TIED));
    }
    List<String> unknown =
        extras(model.get()).stream()
            .map(TensorInfo::name)
            .filter(name -> !name.endsWith("rotary_emb.inv_freq"))
            .map(Printable::of)
            .toList();
    if (!unknown.isEmpty()) {
      remarks.add(
          "%s: asks for none of %d tensors, which are kept as they are: %s"
              .formatted(file, unknown.size(), Printable.of(String.join(", ", unknown), MESSAGE)));
    }
    return remarks;
  }

  private <T> T read(Supplier<T> reading) {
    try {
      return reading.get();
    } catch (UnsupportedConfigException e) {
      throw BadInputException.unsupported(
          "%s: %s; give --weights-only to compress it without evaluation",
          file, Printable.of(e.getMessage(), MESSAGE));
    } catch (IllegalArgumentException e) {
      throw new BadInputException(
          ExitCode.BROKEN_INPUT,
          file + ": " + Printable.of(String.valueOf(e.getMessage()), MESSAGE),
          e);
    }
  }
}
