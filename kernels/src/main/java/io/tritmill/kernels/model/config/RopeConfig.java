package io.tritmill.kernels.model.config;

import io.tritmill.kernels.model.Rope;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Reads RoPE from config.json in both spellings, {@code rope_theta} with {@code rope_scaling}, and
 * {@code rope_parameters}, as transformers does: the older has the last word, and what an object
 * does not hold is looked for beside it.
 */
public final class RopeConfig {
  private static final double DEFAULT_THETA = 10_000;
  private static final String ORIGINAL = "original_max_position_embeddings";
  private static final String PARTIAL = "partial_rotary_factor";
  private static final String FACTOR = "attention_factor";

  private final ConfigValues values;
  private final Sizes sizes;
  private double theta = DEFAULT_THETA;
  private double fraction = 1;
  private boolean partial;
  private boolean interleaved;
  private boolean stretched;
  private Map<String, Object> absent = Map.of();

  /** Begins; what is not said is as in Llama. */
  public RopeConfig(ConfigValues values, Sizes sizes) {
    this.values = values;
    this.sizes = sizes;
  }

  /** That of a family which has nothing of its own. */
  public static Rope read(ConfigValues values, Sizes sizes) {
    return new RopeConfig(values, sizes).read();
  }

  /** The base where config.json does not say. */
  public RopeConfig theta(double otherwise) {
    theta = otherwise;
    return this;
  }

  /** A dynamic type with a key alpha stretches the base alone, whatever the sequence. */
  public RopeConfig alpha() {
    stretched = true;
    return this;
  }

  /** The parameters where config.json has no object of them. */
  public RopeConfig otherwise(Map<String, Object> parameters) {
    absent = parameters;
    return this;
  }

  /** The share of a head may be less than all; this where config.json does not say. */
  public RopeConfig fraction(double otherwise) {
    partial = true;
    fraction = otherwise;
    return this;
  }

  /** Pairs are neighbours. */
  public RopeConfig interleaved() {
    interleaved = true;
    return this;
  }

  /** That of all layers. */
  public Rope read() {
    ConfigValues parameters = parameters();
    parameters
        .values()
        .forEach(
            (key, value) -> {
              if (value instanceof Map) {
                throw new UnsupportedConfigException(
                    "the RoPE parameters of %s are an object, expected the same for every layer",
                    key);
              }
            });
    return read(parameters);
  }

  /** That of layers of one kind, whether config.json parts the kinds or not. */
  public Rope read(String layerType) {
    return nested(layerType).map(this::read).orElseGet(this::read);
  }

  /** The parameters of layers of one kind, where config.json parts the kinds. */
  public Optional<ConfigValues> nested(String layerType) {
    return values.object("rope_parameters").flatMap(object -> object.object(layerType));
  }

  /** Without scaling. */
  public Rope plain(double base) {
    return new Rope(base, new Rope.None(), size(new ConfigValues(Map.of())), interleaved, 1);
  }

  /**
   * As an object of parameters says.
   *
   * @throws UnsupportedConfigException if it is of a kind that is not known
   */
  public Rope read(ConfigValues parameters) {
    double base = (parameters.has("rope_theta") ? parameters : values).decimal("rope_theta", theta);
    String type = type(parameters);
    if (stretched && type.equals("dynamic") && parameters.values().get("alpha") != null) {
      double power = sizes.headSize() / (sizes.headSize() - 2.0);
      return plain(base * Math.pow(parameters.decimal("alpha"), power));
    }
    Rope.Scaling scaling =
        switch (type) {
          case "default" -> new Rope.None();
          case "linear" -> new Rope.Linear(parameters.decimal("factor"));
          case "llama3" ->
              new Rope.Llama3(
                  parameters.decimal("factor"),
                  parameters.decimal("low_freq_factor"),
                  parameters.decimal("high_freq_factor"),
                  original(parameters));
          case "yarn" ->
              new Rope.Yarn(
                  parameters.decimal("factor"),
                  original(parameters),
                  parameters.decimal("beta_fast", 32),
                  parameters.decimal("beta_slow", 1),
                  parameters.flag("truncate", true));
          case "proportional" ->
              new Rope.Proportional(
                  (int) (share(parameters) * sizes.headSize() / 2),
                  parameters.decimal("factor", 1));
          case "longrope", "su" ->
              new Rope.LongRope(
                  factors(parameters, "short_factor"),
                  factors(parameters, "long_factor"),
                  original(parameters));
          default ->
              throw new UnsupportedConfigException(
                  "rope_type is %s, expected default, linear, llama3, yarn, longrope or proportional",
                  type);
        };
    // Its pairs span the whole head, also those that stay.
    int size = scaling instanceof Rope.Proportional ? sizes.headSize() : size(parameters);
    boolean whole = scaling instanceof Rope.None || scaling instanceof Rope.Proportional;
    if (!partial && share(parameters) < 1 && !whole) {
      throw new UnsupportedConfigException(
          "%s is %s beside a rope_type of %s, expected 1", PARTIAL, share(parameters), type);
    }
    return new Rope(base, scaling, size, interleaved, factor(scaling, parameters));
  }

  /**
   * What scores are multiplied by where DeepSeek's models stretch positions: the square of what
   * {@code mscale_all_dim} stands for.
   */
  public double scoreFactor() {
    ConfigValues parameters = parameters();
    double all = parameters.decimal("mscale_all_dim", 0);
    if (all == 0 || type(parameters).equals("default")) {
      return 1;
    }
    double m = mScale(parameters.decimal("factor"), all);
    return m * m;
  }

  private static String type(ConfigValues parameters) {
    return parameters.text("rope_type").or(() -> parameters.text("type")).orElse("default");
  }

  private double share(ConfigValues parameters) {
    return (parameters.has(PARTIAL) ? parameters : values).decimal(PARTIAL, fraction);
  }

  private int size(ConfigValues parameters) {
    int size = partial ? (int) (sizes.headSize() * share(parameters)) : sizes.headSize();
    if (size < 2 || size % 2 != 0) {
      throw new IllegalArgumentException(
          "%s is %s of a head_dim of %d, expected an even number of elements"
              .formatted(PARTIAL, share(parameters), sizes.headSize()));
    }
    return size;
  }

  private int original(ConfigValues parameters) {
    return (values.has(ORIGINAL) ? values : parameters).integer(ORIGINAL, sizes.maxPositions());
  }

  private List<Double> factors(ConfigValues parameters, String key) {
    List<Double> factors = parameters.decimals(key);
    int pairs = size(parameters) / 2;
    if (factors.size() != pairs) {
      throw new IllegalArgumentException(
          "%s has %d factors, expected one for each of %d pairs"
              .formatted(key, factors.size(), pairs));
    }
    return factors;
  }

  /** What rotated elements are multiplied by. */
  private double factor(Rope.Scaling scaling, ConfigValues parameters) {
    boolean given = parameters.values().get(FACTOR) != null;
    return switch (scaling) {
      case Rope.Yarn yarn when given -> parameters.decimal(FACTOR);
      case Rope.Yarn yarn -> {
        double m = parameters.decimal("mscale", 0);
        double all = parameters.decimal("mscale_all_dim", 0);
        yield m != 0 && all != 0
            ? mScale(yarn.factor(), m) / mScale(yarn.factor(), all)
            : mScale(yarn.factor(), 1);
      }
      case Rope.LongRope longRope when given -> parameters.decimal(FACTOR);
      case Rope.LongRope longRope -> {
        double stretch =
            parameters.decimal(
                "factor", (double) sizes.maxPositions() / longRope.originalPositions());
        yield stretch <= 1
            ? 1
            : Math.sqrt(1 + Math.log(stretch) / Math.log(longRope.originalPositions()));
      }
      default -> 1;
    };
  }

  private static double mScale(double factor, double m) {
    return factor <= 1 ? 1 : 0.1 * m * Math.log(factor) + 1;
  }

  /** The object that says more than the base; empty where there is none. */
  public ConfigValues parameters() {
    Optional<ConfigValues> scaling =
        values.object("rope_scaling").filter(object -> !object.values().isEmpty());
    return scaling
        .or(() -> values.object("rope_parameters"))
        .orElseGet(() -> new ConfigValues(absent));
  }
}
