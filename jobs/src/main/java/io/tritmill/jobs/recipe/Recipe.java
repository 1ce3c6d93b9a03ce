package io.tritmill.jobs.recipe;

import io.tritmill.kernels.quantize.Default;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * What becomes of every tensor of a checkpoint.
 *
 * <p>Candidates are the matrices of linear modules inside blocks, each of which needs a rule, and
 * by their {@link Kind} the embedding, the head and matrices that are no part of the model. Each
 * takes the first rule that matches. All other tensors (norms, biases, routers) are kept byte for
 * byte, whatever rule matches them.
 *
 * @param version of the syntax, {@value #VERSION}
 * @param name letters, digits, {@code . _ -}; at most 100 characters
 * @param seed of everything random, mixed with tensor names
 * @param calibration the data that stages learn from, when they need any
 * @param transforms names of function-preserving changes of the whole model, in order
 * @param propagateError whether later blocks are fitted on the outputs of compressed ones
 * @param rules at least one; the first that matches wins
 * @param gate what the result must reach, if anything
 * @param exports what is written for other programs once the run is complete
 */
public record Recipe(
    int version,
    String name,
    long seed,
    Optional<Calibration> calibration,
    List<String> transforms,
    boolean propagateError,
    List<Rule> rules,
    Optional<Gate> gate,
    List<Export> exports) {
  /** The one syntax that this version reads. */
  public static final int VERSION = 1;

  /**
   * Sequences of tokens that stages learn from.
   *
   * @param samples number of sequences
   * @param sequenceLength tokens of each
   * @param heldOut further sequences that only guard against overfitting
   */
  public record Calibration(
      @Default("128") int samples,
      @Default("2048") int sequenceLength,
      @Default("16") int heldOut) {
    /** What a recipe that needs data and does not say which amount gets. */
    public static final Calibration DEFAULT = new Calibration(128, 2048, 16);

    public Calibration {
      if (samples < 1 || sequenceLength < 2) {
        throw new IllegalArgumentException(
            "samples is at least 1 and sequence_length at least 2, found %d and %d"
                .formatted(samples, sequenceLength));
      }
      if (heldOut < 0) {
        throw new IllegalArgumentException("held_out is at least 0, found " + heldOut);
      }
    }
  }

  /**
   * What a run must reach to end well: at least one limit, each of which nothing may exceed.
   *
   * @param maxPerplexityRatio perplexity after over before
   * @param maxKlDivergence mean KL(baseline || run) of a predicted token, in nats
   * @param maxOutputError relative error of the worst layer's outputs on calibration data
   * @param maxWeightError relative error of the worst layer's weights
   */
  public record Gate(
      OptionalDouble maxPerplexityRatio,
      OptionalDouble maxKlDivergence,
      OptionalDouble maxOutputError,
      OptionalDouble maxWeightError) {
    public Gate {
      requirePositive("max_perplexity_ratio", maxPerplexityRatio);
      requirePositive("max_kl_divergence", maxKlDivergence);
      requirePositive("max_output_error", maxOutputError);
      requirePositive("max_weight_error", maxWeightError);
      if (maxPerplexityRatio.isEmpty()
          && maxKlDivergence.isEmpty()
          && maxOutputError.isEmpty()
          && maxWeightError.isEmpty()) {
        throw new IllegalArgumentException(
            "has no limit, expected max_perplexity_ratio, max_kl_divergence, max_output_error or"
                + " max_weight_error");
      }
    }

    /** A gate that asks for a perplexity alone. */
    public static Gate ofPerplexityRatio(double most) {
      OptionalDouble none = OptionalDouble.empty();
      return new Gate(OptionalDouble.of(most), none, none, none);
    }

    private static void requirePositive(String name, OptionalDouble limit) {
      if (limit.isPresent() && !(limit.getAsDouble() > 0)) {
        throw new IllegalArgumentException(
            "%s is positive, found %s".formatted(name, limit.getAsDouble()));
      }
    }
  }

  /**
   * A format of other programs that a run is written in.
   *
   * @param format as {@code tritmill export} names it, before a colon
   * @param type of its matrices, for a format that has several
   * @param tableType of its embedding and head, likewise
   */
  public record Export(String format, @Default(ANY) String type, @Default(ANY) String tableType) {
    private static final String ANY = "auto";
    private static final String OF_TYPES = "gguf";

    public Export {
      if (!format.equals(OF_TYPES) && !(type.equals(ANY) && tableType.equals(ANY))) {
        throw new IllegalArgumentException(
            "type and table_type are those of gguf, but format is '%s'"
                .formatted(YamlValue.shown(format)));
      }
    }

    /** As {@code --format} has it. */
    public String name() {
      return format.equals(OF_TYPES) ? format + ":" + type : format;
    }
  }

  public Recipe {
    if (version != VERSION) {
      throw new IllegalArgumentException(
          "version is %d, but this Tritmill reads version %d".formatted(version, VERSION));
    }
    if (!name.matches("[A-Za-z0-9][A-Za-z0-9._-]{0,99}")) {
      throw new IllegalArgumentException(
          "name is '%s', expected 1 to 100 letters, digits, '.', '_' or '-'"
              .formatted(YamlValue.shown(name)));
    }
    if (rules.isEmpty()) {
      throw new IllegalArgumentException("rules is empty, expected at least one rule");
    }
    transforms = List.copyOf(transforms);
    for (String transform : transforms) {
      if (!Transforms.KNOWN.contains(transform)) {
        throw new IllegalArgumentException(
            "transforms has '%s', expected %s%s"
                .formatted(
                    YamlValue.shown(transform),
                    String.join(", ", Transforms.KNOWN),
                    NearestName.question(transform, Transforms.KNOWN)));
      }
    }
    new Transforms(transforms, seed); // refuses a name that stands twice
    rules = List.copyOf(rules);
    exports = List.copyOf(exports);
    if (!exports.isEmpty() && !transforms.isEmpty()) {
      throw new IllegalArgumentException(
          "export asks for what other programs open, but transforms rotates the model, which none"
              + " of them undoes; leave one of the two out");
    }
    if (gate.isPresent() && gate.get().maxOutputError().isPresent() && !learns(rules)) {
      throw new IllegalArgumentException(
          "gate: max_output_error is an error on calibration data, but no stage learns from any");
    }
  }

  private static boolean learns(List<Rule> rules) {
    return rules.stream().anyMatch(rule -> !rule.keep() && !rule.quantizer().needs().isEmpty());
  }

  /** Whether a stage learns from calibration data. */
  public boolean learns() {
    return learns(rules);
  }

  /** A sentence for each setting that has no effect on the stages at hand. */
  public List<String> warnings() {
    List<String> sentences = new ArrayList<>();
    if (learns()) {
      return sentences;
    }
    if (calibration.isPresent()) {
      sentences.add("recipe %s: calibration has no effect: no stage needs data".formatted(name));
    }
    if (propagateError) {
      sentences.add(
          "recipe %s: propagate_error has no effect: no stage needs data".formatted(name));
    }
    return sentences;
  }

  /** The same recipe with another seed. */
  public Recipe withSeed(long other) {
    return new Recipe(
        version, name, other, calibration, transforms, propagateError, rules, gate, exports);
  }

  /** The canonical form: every default written out; parsing it gives an equal recipe. */
  public String toYaml() {
    return RecipeYaml.write(this);
  }

  /** SHA-256 of the canonical form, in lower-case hexadecimal. */
  public String sha256() {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      return HexFormat.of().formatHex(digest.digest(toYaml().getBytes(StandardCharsets.UTF_8)));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("Every JDK has SHA-256", e);
    }
  }
}
