package io.tritmill.jobs.plan;

import io.tritmill.jobs.checkpoint.Checkpoint;
import io.tritmill.jobs.failure.BadInputException;
import io.tritmill.jobs.failure.Printable;
import io.tritmill.jobs.recipe.Kind;
import io.tritmill.jobs.recipe.Matching;
import io.tritmill.jobs.recipe.Recipe;
import io.tritmill.jobs.recipe.Rule;
import io.tritmill.jobs.recipe.Target;
import io.tritmill.jobs.recipe.Transforms;
import io.tritmill.jobs.storage.Storage;
import io.tritmill.jobs.tensor.Stack;
import io.tritmill.jobs.tensor.TensorInfo;
import io.tritmill.kernels.code.Group;
import io.tritmill.kernels.quantize.Quantizer;
import io.tritmill.kernels.quantize.round.TritRows;
import io.tritmill.kernels.quantize.round.Twn;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Decides what becomes of each tensor; what cannot work fails here, in seconds.
 *
 * <p>Candidates are the matrices of linear modules inside blocks, and those that a rule asks for by
 * their kind. Where the model's family is unknown and only weights are wanted, {@link WeightNames}
 * tells which they are.
 */
public final class Planner {
  private final Storage storage;
  private final int bandWeights;

  public Planner(Storage storage) {
    this(storage, Bands.TARGET_WEIGHTS);
  }

  /** A planner that cuts bands of about so many weights. */
  Planner(Storage storage, int bandWeights) {
    this.storage = storage;
    this.bandWeights = bandWeights;
  }

  /** Plans a run whose layers learn from no data, or one that is only looked at. */
  public Plan plan(Checkpoint checkpoint, Recipe recipe, boolean weightsOnly) {
    return plan(checkpoint, recipe, weightsOnly, "");
  }

  /**
   * Plans a run.
   *
   * @param weightsOnly whether a model of an unknown family is taken as mere matrices
   * @param calibration digest of the calibration set; empty where there is none
   * @throws BadInputException if the recipe or the model cannot be used
   */
  public Plan plan(Checkpoint checkpoint, Recipe recipe, boolean weightsOnly, String calibration) {
    requireUnpacked(checkpoint);
    checkpoint.requireReadable();
    List<String> warnings = new ArrayList<>(recipe.warnings());
    Map<String, Part> parts = parts(checkpoint, weightsOnly, warnings);
    List<TensorInfo> stored = tensors(checkpoint, parts);
    Matching matching =
        new Matching(
            recipe,
            stored.stream().map(tensor -> target(tensor, part(parts, tensor.name()))).toList());
    Map<String, Rule> rules =
        UnknownMetrics.leaveOut(matching.rules(), name -> part(parts, name), warnings);
    warnings.addAll(matching.warnings());
    Map<String, String> passedOver = matching.passedOver();
    List<PlannedTensor> tensors =
        keepWhole(
            stored.stream()
                .map(
                    tensor ->
                        planned(tensor, part(parts, tensor.name()), rules, passedOver, weightsOnly))
                .toList());
    RowBudget.of(tensors).requireOnePlane(recipe.name());
    boolean begun = recipe.propagateError() && beginsPacked(parts, tensors, warnings);
    Transforms transforms = new Transforms(recipe.transforms(), recipe.seed());
    if (weightsOnly && !transforms.none()) {
      throw BadInputException.unsupported(
          "recipe %s: transforms change a model that can be run, which --weights-only cannot; remove"
              + " one of the two",
          recipe.name());
    }
    requireRotatable(checkpoint, transforms, recipe);
    ModelFingerprint fingerprint = ModelFingerprint.of(storage, checkpoint);
    return new Plan(
        checkpoint.directory().toString(),
        fingerprint.sha256(),
        recipe.name(),
        recipe.sha256(),
        recipe.learns() ? calibration : "",
        transforms,
        tensors,
        Shards.cut(
            tensors,
            fingerprint.files(),
            bandWeights,
            transforms,
            recipe.sha256() + "\n" + calibration + (begun ? "\npacked embedding" : "")),
        weightsOnly ? ForwardMemory.NONE : ForwardMemory.of(checkpoint, recipe, tensors),
        List.copyOf(warnings));
  }

  /**
   * Whether layers that learn see what a compressed embedding leaves. Warns where they cannot,
   * since the table is compressed behind them.
   */
  private static boolean beginsPacked(
      Map<String, Part> parts, List<PlannedTensor> tensors, List<String> warnings) {
    boolean begun = false;
    boolean learns = tensors.stream().anyMatch(one -> one.learns() && !one.head());
    for (PlannedTensor tensor : tensors) {
      String name = tensor.tensor().name();
      if (tensor.kept() || !part(parts, name).kinds().contains(Kind.EMBEDDING)) {
        continue;
      }
      begun |= !tensor.learns();
      if (tensor.learns() && learns) {
        warnings.add(
            "%s is fitted as the head, behind all layers: they are fitted on what the full-precision"
                    .formatted(Printable.of(name))
                + " embedding leaves");
      }
    }
    return begun;
  }

  private static Map<String, Part> parts(
      Checkpoint checkpoint, boolean weightsOnly, List<String> warnings) {
    if (weightsOnly) {
      return Parts.named(checkpoint);
    }
    checkpoint.check();
    warnings.addAll(checkpoint.remarks());
    return Parts.described(checkpoint);
  }

  private static Part part(Map<String, Part> parts, String name) {
    return parts.getOrDefault(name, Part.NONE);
  }

  private static void requireRotatable(
      Checkpoint checkpoint, Transforms transforms, Recipe recipe) {
    if (transforms.none()) {
      return;
    }
    try {
      transforms.rotations(checkpoint.architecture());
    } catch (IllegalArgumentException e) {
      throw BadInputException.unsupported(
          "recipe %s: transforms: %s; remove them from the recipe", recipe.name(), e.getMessage());
    }
  }

  /** The tensors, and in place of a stacked one that has a part in the model its matrices. */
  private static List<TensorInfo> tensors(Checkpoint checkpoint, Map<String, Part> parts) {
    List<TensorInfo> tensors = new ArrayList<>();
    for (TensorInfo tensor : checkpoint.tensors()) {
      if (parts.containsKey(Stack.name(tensor.name(), 0))) {
        tensors.addAll(checkpoint.stack(tensor.name()).orElseThrow().all());
      } else {
        tensors.add(tensor);
      }
      Parts.requireNoMore(checkpoint, tensors.size());
    }
    return tensors;
  }

  /** Marks the matrices of stacked tensors that are kept as a whole. */
  private static List<PlannedTensor> keepWhole(List<PlannedTensor> tensors) {
    Set<String> packed = new HashSet<>();
    for (PlannedTensor tensor : tensors) {
      if (!tensor.kept()) {
        packed.add(Stack.nameOf(tensor.tensor().name()));
      }
    }
    return tensors.stream()
        .map(
            tensor ->
                packed.contains(Stack.nameOf(tensor.tensor().name())) ? tensor : tensor.together())
        .toList();
  }

  private static PlannedTensor planned(
      TensorInfo tensor,
      Part part,
      Map<String, Rule> rules,
      Map<String, String> passedOver,
      boolean weightsOnly) {
    if (tensor.rows() > Integer.MAX_VALUE || tensor.columns() > Integer.MAX_VALUE) {
      throw BadInputException.broken(
          "%s: tensor %s has shape %s, expected less than 2^31 rows and columns",
          tensor.file(), Printable.of(tensor.name()), tensor.shape());
    }
    Rule rule = rules.get(tensor.name());
    if (!part.candidate() && (rule == null || rule.keep())) {
      return kept(tensor, part, part.kept(), false);
    }
    if (rule.keep()) {
      return kept(tensor, part, "the recipe keeps it", false);
    }
    if (tensor.encoding().isEmpty()) {
      String reason = "dtype %s holds no weights that can be quantized".formatted(tensor.dtype());
      return kept(tensor, part, reason, true);
    }
    if (tensor.dress().ternary()) {
      return new PlannedTensor(
          tensor,
          part.spec(),
          part.module(),
          part.block(),
          part.uncompressed(),
          new Twn(Group.parse("tensor"), 0.5f),
          "ternary",
          "is ternary already: every trit is kept, with its scale in half precision",
          false);
    }
    Optional<String> refusal = rule.refusal(tensor.columns());
    if (refusal.isPresent()) {
      String reason = refusal.get() + "; a further rule that matches it may say what it gets";
      return kept(tensor, part, reason, true);
    }
    Quantizer quantizer = rule.quantizer();
    requireInputs(tensor, part, rule, weightsOnly);
    return new PlannedTensor(
        tensor,
        part.spec(),
        part.module(),
        part.block(),
        part.uncompressed(),
        quantizer,
        rule.method(),
        passedOver.get(tensor.name()),
        false);
  }

  private static Target target(TensorInfo tensor, Part part) {
    return new Target(tensor.name(), part.kinds().isEmpty() ? 0 : tensor.columns(), part.kinds());
  }

  /**
   * Refuses to learn where nothing is to be learned from.
   *
   * @throws BadInputException if the rule's method does
   */
  private static void requireInputs(TensorInfo tensor, Part part, Rule rule, boolean weightsOnly) {
    Quantizer quantizer = rule.quantizer();
    if (quantizer.needs().isEmpty()) {
      return;
    }
    if (part.module() == null) {
      throw BadInputException.unsupported(
          "%s: %s learns from what the model does with data, %s; use a method that looks at the"
              + " weights alone",
          Printable.of(tensor.name()),
          rule.method(),
          weightsOnly
              ? "which --weights-only cannot run"
              : part.kinds().contains(Kind.EMBEDDING)
                  ? "but what enters an embedding that is no head too is token ids"
                  : "but the forward pass does not read it");
    }
    if (part.head() && quantizer.rounding() instanceof TritRows) {
      throw BadInputException.unsupported(
          "%s: trit_rows weighs rows of layers inside the blocks against each other, and how rows"
              + " of a head compare to them is not known; give it planes, as ptqtp has them",
          Printable.of(tensor.name()));
    }
  }

  private static PlannedTensor kept(TensorInfo tensor, Part part, String reason, boolean fallback) {
    return new PlannedTensor(
        tensor,
        part.spec(),
        part.module(),
        part.block(),
        part.uncompressed(),
        null,
        "keep",
        reason,
        fallback);
  }

  private static void requireUnpacked(Checkpoint checkpoint) {
    if (checkpoint.metadata().containsKey("tritmill.format")) {
      throw BadInputException.unsupported(
          "%s: is packed by Tritmill already; give the checkpoint that it was made from",
          checkpoint.directory());
    }
  }
}
