package io.tritmill.jobs.plan;

import io.tritmill.jobs.checkpoint.Checkpoint;
import io.tritmill.jobs.checkpoint.TensorInfo;
import io.tritmill.jobs.failure.BadInputException;
import io.tritmill.jobs.failure.Printable;
import io.tritmill.jobs.recipe.Recipe;
import io.tritmill.jobs.recipe.Rule;
import io.tritmill.jobs.recipe.Transforms;
import io.tritmill.jobs.storage.Storage;
import io.tritmill.kernels.model.Role;
import io.tritmill.kernels.model.TensorSpec;
import io.tritmill.kernels.quantize.Quantizer;
import io.tritmill.kernels.tensor.DType;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Decides what becomes of each tensor; what cannot work fails here, in seconds.
 *
 * <p>Candidates are the matrices of linear modules inside blocks. Where the model's family is
 * unknown and only weights are wanted, they are the matrices inside anything numbered.
 */
public final class Planner {
  private static final Pattern NUMBERED = Pattern.compile("(?:^|\\.)(\\d{1,6})\\.");

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
    List<String> warnings = new ArrayList<>(recipe.warnings());
    Map<String, Part> parts = weightsOnly ? numbered(checkpoint) : modules(checkpoint, warnings);
    List<String> candidates = new ArrayList<>();
    List<String> others = new ArrayList<>();
    for (TensorInfo tensor : checkpoint.tensors()) {
      boolean candidate = parts.getOrDefault(tensor.name(), Part.NONE).candidate();
      (candidate ? candidates : others).add(tensor.name());
    }
    recipe.refuseStagesOutsideLayers(candidates, others);
    Map<String, Rule> rules = recipe.requireRuleFor(candidates);
    warnings.addAll(
        recipe.unmatchedRules(checkpoint.tensors().stream().map(TensorInfo::name).toList()));
    List<PlannedTensor> tensors =
        checkpoint.tensors().stream()
            .map(tensor -> planned(tensor, parts.getOrDefault(tensor.name(), Part.NONE), rules))
            .toList();
    RowBudget.of(tensors).requireOnePlane(recipe.name());
    Transforms transforms = new Transforms(recipe.transforms(), recipe.seed());
    if (weightsOnly && !transforms.none()) {
      throw BadInputException.unsupported(
          "recipe %s: transforms change a model that can be run, which --weights-only cannot; remove"
              + " one of the two",
          recipe.name());
    }
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
            recipe.sha256() + "\n" + calibration),
        List.copyOf(warnings));
  }

  /** A tensor's part in the model; only a candidate is quantized. */
  private record Part(Role role, int block, boolean candidate) {
    static final Part NONE = new Part(null, TensorSpec.NO_BLOCK, false);
  }

  private static Map<String, Part> modules(Checkpoint checkpoint, List<String> warnings) {
    checkpoint.check();
    warnings.addAll(checkpoint.remarks());
    Map<String, Part> parts = new LinkedHashMap<>();
    for (TensorSpec spec : checkpoint.specs()) {
      if (!spec.bias()) {
        parts.put(spec.name(), new Part(spec.role(), spec.block(), spec.role().linear()));
      }
    }
    return parts;
  }

  private static Map<String, Part> numbered(Checkpoint checkpoint) {
    Map<String, Part> parts = new LinkedHashMap<>();
    for (TensorInfo tensor : checkpoint.tensors()) {
      Matcher number = NUMBERED.matcher(tensor.name());
      if (tensor.shape().size() == 2 && tensor.elements() > 0 && number.find()) {
        parts.put(tensor.name(), new Part(null, Integer.parseInt(number.group(1)), true));
      }
    }
    return parts;
  }

  private static PlannedTensor planned(TensorInfo tensor, Part part, Map<String, Rule> rules) {
    if (tensor.rows() > Integer.MAX_VALUE || tensor.columns() > Integer.MAX_VALUE) {
      throw BadInputException.broken(
          "%s: tensor %s has shape %s, expected less than 2^31 rows and columns",
          tensor.file(), Printable.of(tensor.name()), tensor.shape());
    }
    if (!part.candidate()) {
      return kept(tensor, part, null);
    }
    Rule rule = rules.get(tensor.name());
    if (rule.keep()) {
      return kept(tensor, part, null);
    }
    if (DType.of(tensor.dtype()).isEmpty()) {
      String reason = "dtype %s holds no weights that can be quantized".formatted(tensor.dtype());
      return kept(tensor, part, reason);
    }
    Quantizer quantizer = rule.quantizer();
    if (!quantizer.needs().isEmpty() && part.role() == null) {
      throw BadInputException.unsupported(
          "%s: %s learns from what the model does with data, which --weights-only cannot run; use a"
              + " method that looks at the weights alone",
          tensor.name(), rule.method());
    }
    return new PlannedTensor(tensor, part.role(), part.block(), quantizer, rule.method(), null);
  }

  private static PlannedTensor kept(TensorInfo tensor, Part part, String reason) {
    return new PlannedTensor(tensor, part.role(), part.block(), null, "keep", reason);
  }

  private static void requireUnpacked(Checkpoint checkpoint) {
    if (checkpoint.metadata().containsKey("tritmill.format")) {
      throw BadInputException.unsupported(
          "%s: is packed by Tritmill already; give the checkpoint that it was made from",
          checkpoint.directory());
    }
  }
}
