package io.tritmill.jobs.plan;

import io.tritmill.jobs.recipe.Kind;
import io.tritmill.jobs.tensor.TensorInfo;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
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
  private record Kept(Pattern names, String reason) {
    static Kept of(String names, String reason) {
      return new Kept(Pattern.compile(names), reason);
    }
  }

  /** The first that is found counts. Parts of a name end at dots. */
  private static final List<Kept> KEPT =
      List.of(
          // Rounding a router changes which experts a token meets.
          Kept.of("(^|\\.)(gate|gating|\\w*expert_gate|\\w*router\\w*)(\\.|$)", "a router"),
          Kept.of("(^|\\.)\\w*norm\\w*(\\.|$)|(^|\\.)ln_\\w+\\.", "a norm"),
          Kept.of("(^|\\.|_)bias(es)?(\\.|$)", "a bias"),
          Kept.of("(^|\\.)\\w*embed\\w*(\\.|$)", "an embedding"),
          Kept.of("(^|\\.)\\w*conv\\w*(\\.|$)", "a convolution"),
          // An error of a decay is multiplied into the memory at every later token.
          Kept.of(
              "(^|\\.)linear_attn\\.in_proj_(a|b|ba)\\.", "decays and strengths of a delta-net"));

  private static final Pattern EMBEDDING =
      Pattern.compile(
          "(^|\\.)(embed_tokens|embed_in|tok_embeddings|word_embeddings|wte|token_embd)\\.weight$");

  private static final Pattern HEAD =
      Pattern.compile("^(model\\.|language_model\\.)*(lm_head|embed_out|output)\\.weight$");

  private static final Pattern EXPERT = Pattern.compile("(^|\\.)experts?\\.\\d{1,6}\\.");

  private WeightNames() {}

  /** What is said of a tensor that is not read, where nothing is known of it. */
  static final String UNEXPLAINED = "not explained by the model's description";

  private static final String PREDICTION = "multi-token prediction";

  private static final List<Kept> APART =
      List.of(
          Kept.of(
              "(^|\\.)(visual|vision\\w*|\\w*_vision|multi_modal_projector)(\\.|$)",
              "a vision tower"),
          Kept.of("(^|\\.)(\\w*audio\\w*|speech\\w*)(\\.|$)", "an audio tower"),
          Kept.of("(^|\\.)(mtp\\w*|nextn\\w*)(\\.|$)", PREDICTION),
          Kept.of("(^|\\.)inv_freq$", "a buffer of positions"));

  private static final Pattern BLOCK = Pattern.compile("(?:^|\\.)layers\\.(\\d{1,6})\\.");

  /**
   * What a tensor is for that the forward pass does not read; empty where nothing is known of it.
   *
   * @param blocks of the model; blocks behind the last one predict further tokens
   */
  static Optional<String> apart(String name, int blocks) {
    for (Kept kind : APART) {
      if (kind.names().matcher(name).find()) {
        return Optional.of(kind.reason());
      }
    }
    Matcher block = BLOCK.matcher(name);
    boolean behind = block.find() && Integer.parseInt(block.group(1)) >= blocks;
    return behind ? Optional.of(PREDICTION) : Optional.empty();
  }

  /** Whether a weight inside a block is one of many experts'. */
  static boolean expert(String name) {
    return EXPERT.matcher(name).find();
  }

  /** What rules may call a tensor outside the blocks. */
  static Set<Kind> outside(TensorInfo tensor) {
    boolean stored = tensor.shape().size() == 2 && tensor.elements() > 0;
    if (stored && EMBEDDING.matcher(tensor.name()).find()) {
      return Set.of(Kind.EMBEDDING);
    }
    if (stored && HEAD.matcher(tensor.name()).find()) {
      return Set.of(Kind.HEAD);
    }
    return matrix(tensor) ? Set.of(Kind.REST) : Set.of();
  }

  /** Whether a tensor that no description explains is a matrix that a method may round. */
  static boolean matrix(TensorInfo tensor) {
    return tensor.shape().size() == 2 && tensor.elements() > 0 && kind(tensor.name()).isEmpty();
  }

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
        .map(Kept::reason)
        .findFirst();
  }
}
