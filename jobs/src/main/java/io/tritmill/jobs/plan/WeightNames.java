package io.tritmill.jobs.plan;

import io.tritmill.jobs.tensor.TensorInfo;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * What a tensor of a model of an unknown family is for, by its name and shape: the one table of
 * what is no weight that a method may round, though it is a matrix inside a numbered block.
 */
final class WeightNames {
  /** The number of a block, as in {@code model.layers.12.mlp}. */
  static final Pattern NUMBERED = Pattern.compile("(?:^|\\.)(\\d{1,6})\\.");

  /**
   * A kind of tensors that are kept.
   *
   * @param names found anywhere in the name
   * @param reason what they are
   */
  private record Kind(Pattern names, String reason) {
    static Kind of(String names, String reason) {
      return new Kind(Pattern.compile(names), reason);
    }
  }

  /** The first that is found counts. Parts of a name end at dots. */
  private static final List<Kind> KEPT =
      List.of(
          // Rounding a router changes which experts a token meets.
          Kind.of("(^|\\.)(gate|gating|\\w*expert_gate|\\w*router\\w*)(\\.|$)", "a router"),
          Kind.of("(^|\\.)\\w*norm\\w*(\\.|$)|(^|\\.)ln_\\w+\\.", "a norm"),
          Kind.of("(^|\\.|_)bias(es)?(\\.|$)", "a bias"),
          Kind.of("(^|\\.)\\w*embed\\w*(\\.|$)", "an embedding"),
          Kind.of("(^|\\.)\\w*conv\\w*(\\.|$)", "a convolution"),
          // An error of a decay is multiplied into the memory at every later token.
          Kind.of(
              "(^|\\.)linear_attn\\.in_proj_(a|b|ba)\\.", "decays and strengths of a delta-net"));

  private WeightNames() {}

  /** Why a tensor is no weight to compress; empty where it is one. */
  static Optional<String> kept(TensorInfo tensor) {
    if (!NUMBERED.matcher(tensor.name()).find()) {
      return Optional.of("outside the blocks");
    }
    if (tensor.elements() == 0) {
      return Optional.of("empty");
    }
    Optional<String> kind = kind(tensor.name());
    if (kind.isPresent()) {
      return kind;
    }
    if (tensor.shape().size() < 2 || tensor.shape().size() > 3) {
      return Optional.of("no matrix");
    }
    boolean named = tensor.name().endsWith(".weight") || tensor.shape().size() == 3;
    return named ? Optional.empty() : Optional.of("not named as a weight");
  }

  /** What a tensor is, by its name, that is no weight to compress. */
  static Optional<String> kind(String name) {
    return KEPT.stream()
        .filter(kind -> kind.names().matcher(name).find())
        .map(Kind::reason)
        .findFirst();
  }
}
