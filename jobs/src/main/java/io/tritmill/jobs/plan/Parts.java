package io.tritmill.jobs.plan;

import io.tritmill.jobs.checkpoint.Checkpoint;
import io.tritmill.jobs.failure.BadInputException;
import io.tritmill.jobs.recipe.Kind;
import io.tritmill.jobs.tensor.Stack;
import io.tritmill.jobs.tensor.TensorInfo;
import io.tritmill.kernels.model.Architecture;
import io.tritmill.kernels.model.Module;
import io.tritmill.kernels.model.Sublayer;
import io.tritmill.kernels.model.TensorSpec;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;

/** Tells which part each tensor of a checkpoint has in its model. */
final class Parts {
  /** Ten times those of a mixture of 671 thousand million weights. */
  private static final int MOST_TENSORS = 1_000_000;

  private static final String OUTSIDE = "outside the blocks";

  private Parts() {}

  /** By the model's description. */
  static Map<String, Part> described(Checkpoint checkpoint) {
    Map<String, Part> parts = new LinkedHashMap<>();
    Architecture model = checkpoint.architecture();
    for (TensorSpec spec : model.tensors()) {
      String kept = spec.vector() ? "a vector" : OUTSIDE;
      Module module = spec.equals(model.head()) ? model.headModule() : null;
      parts.put(
          spec.name(), new Part(spec, module, Part.NO_BLOCK, tables(model, spec), Fate.KEPT, kept));
    }
    List<Module> modules = model.modules();
    Set<TensorSpec> weights = new HashSet<>();
    modules.forEach(module -> weights.add(module.weight()));
    for (Sublayer sublayer : model.sublayers()) {
      for (TensorSpec spec : sublayer.tensors()) {
        String kept = weights.contains(spec) ? null : kept(spec);
        parts.put(spec.name(), new Part(spec, null, sublayer.block(), Set.of(), Fate.KEPT, kept));
      }
    }
    for (Module module : modules) {
      Kind kind = module.site().routed() ? Kind.EXPERTS : Kind.LINEAR;
      parts.put(
          module.weight().name(),
          new Part(module.weight(), module, module.site().block(), Set.of(kind), Fate.KEPT, null));
    }
    for (TensorInfo tensor : checkpoint.extras()) {
      boolean matrix = WeightNames.matrix(tensor);
      Set<Kind> kinds = matrix ? Set.of(Kind.REST) : Set.of();
      Optional<String> use = WeightNames.apart(tensor.name(), model.blocks());
      parts.put(
          tensor.name(),
          new Part(
              null,
              null,
              Part.NO_BLOCK,
              kinds,
              use.isPresent() ? Fate.PASSED_THROUGH : Fate.UNREAD,
              use.orElse(WeightNames.UNEXPLAINED)));
    }
    return parts;
  }

  private static Set<Kind> tables(Architecture model, TensorSpec spec) {
    Set<Kind> kinds = EnumSet.noneOf(Kind.class);
    if (spec.equals(model.embedding())) {
      kinds.add(Kind.EMBEDDING);
    }
    if (spec.equals(model.head())) {
      kinds.add(Kind.HEAD);
    }
    return kinds;
  }

  /** What a tensor of a sublayer is that is no linear module's. */
  private static String kept(TensorSpec spec) {
    return spec.vector()
        ? "a vector"
        : WeightNames.kind(spec.name()).orElse("no weight of a linear module");
  }

  /** By names and shapes, where nothing else is known. */
  static Map<String, Part> named(Checkpoint checkpoint) {
    Map<String, Part> parts = new LinkedHashMap<>();
    for (TensorInfo tensor : checkpoint.tensors()) {
      Part part = named(tensor);
      if (part.candidate() && Stack.is(tensor)) {
        checkpoint
            .stack(tensor.name())
            .orElseThrow()
            .all()
            .forEach(matrix -> parts.put(matrix.name(), part));
      } else {
        parts.put(tensor.name(), part);
      }
      requireNoMore(checkpoint, parts.size());
    }
    return parts;
  }

  private static Part named(TensorInfo tensor) {
    Matcher number = WeightNames.NUMBERED.matcher(tensor.name());
    String kept = WeightNames.kept(tensor).orElse(null);
    if (!number.find()) {
      Set<Kind> kinds = WeightNames.outside(tensor);
      return new Part(null, null, Part.NO_BLOCK, kinds, Fate.KEPT, kept == null ? OUTSIDE : kept);
    }
    if (kept != null) {
      return new Part(null, null, Part.NO_BLOCK, Set.of(), Fate.KEPT, kept);
    }
    boolean expert = Stack.is(tensor) || WeightNames.expert(tensor.name());
    Kind kind = expert ? Kind.EXPERTS : Kind.LINEAR;
    return new Part(null, null, Integer.parseInt(number.group(1)), Set.of(kind), Fate.KEPT, null);
  }

  /**
   * Refuses a checkpoint of more tensors than a plan can hold.
   *
   * @throws BadInputException if there are more
   */
  static void requireNoMore(Checkpoint checkpoint, int tensors) {
    if (tensors > MOST_TENSORS) {
      throw BadInputException.broken(
          "%s: has more than %d tensors and matrices of stacked ones, more than can be planned; are"
              + " its shapes meant?",
          checkpoint.directory(), MOST_TENSORS);
    }
  }
}
