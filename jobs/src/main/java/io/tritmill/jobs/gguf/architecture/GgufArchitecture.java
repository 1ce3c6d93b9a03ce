package io.tritmill.jobs.gguf.architecture;

import io.tritmill.jobs.failure.BadInputException;
import io.tritmill.jobs.failure.Printable;
import io.tritmill.jobs.gguf.GgufModel;
import io.tritmill.jobs.tensor.TensorInfo;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A model of GGUF files as a checkpoint of one of our families. */
public final class GgufArchitecture {
  private static final Pattern IN_BLOCK = Pattern.compile("blk\\.(0|[1-9][0-9]{0,5})\\.(.+)");

  private static final Pattern FAMILY_BLOCK =
      Pattern.compile("model\\.layers\\.(0|[1-9][0-9]{0,5})\\.(.+)");

  private final Keys keys;
  private final Description description;

  private GgufArchitecture(Keys keys, Description description) {
    this.keys = keys;
    this.description = description;
  }

  /**
   * What a model is.
   *
   * @throws BadInputException if its architecture is unknown here, or its keys ask for what the
   *     family has not
   */
  public static GgufArchitecture of(GgufModel model) {
    String name =
        model
            .keys()
            .text("general.architecture")
            .orElseThrow(() -> model.keys().missing("general.architecture"));
    Keys keys = new Keys(model, name);
    if (!Descriptions.names().contains(name)) {
      throw BadInputException.unsupported(
          "%s: general.architecture is %s, expected one of %s; give the checkpoint that it was made"
              + " from",
          model.file(), Printable.of(name), Descriptions.names());
    }
    Description description =
        Descriptions.ALL.stream()
            .filter(one -> one.architecture().equals(name) && one.holds(keys))
            .findFirst()
            .orElseThrow(
                () ->
                    BadInputException.unsupported(
                        "%s: is a model of architecture %s with %d experts, which no family here"
                            + " is; give the checkpoint that it was made from",
                        model.file(), name, keys.experts()));
    KnownKeys.require(keys, description);
    return new GgufArchitecture(keys, description);
  }

  /** Keys whose arrays must be read whole. */
  public static Set<String> wholeKeys() {
    return KnownKeys.whole();
  }

  /** Its name in {@code general.architecture}. */
  public String name() {
    return description.architecture();
  }

  /**
   * The values of config.json.
   *
   * @throws BadInputException if keys are missing, contradict the tensors, or ask for what the
   *     family has not
   */
  public Map<String, Object> config() {
    return Configuration.of(keys, description);
  }

  /**
   * The tensors of the family, in the order of the files.
   *
   * @throws BadInputException if there are others than the architecture has, or some that are no
   *     such tensors
   */
  public List<TensorInfo> tensors() {
    List<TensorInfo> tensors = new ArrayList<>();
    Set<String> done = new HashSet<>();
    for (GgufModel.Tensor stored : keys.model().tensors()) {
      if (RopeKeys.isIn(stored.name()) || done.contains(stored.name())) {
        continue;
      }
      Place place = place(stored.name()).orElseThrow(() -> unknown(stored));
      List<TensorInfo> parts = new ArrayList<>();
      for (String part : place.rule().stored()) {
        String name = place.storedPrefix() + part;
        GgufModel.Tensor found =
            keys.model().tensor(name).orElseThrow(() -> missing(stored.name(), name));
        done.add(name);
        parts.add(
            new TensorInfo(
                name, found.type(), found.shape(), found.file(), found.offset(), found.bytes()));
      }
      List<String> names =
          place.rule().names().stream().map(name -> place.prefix() + name).toList();
      tensors.addAll(place.rule().fold().read(parts, names, keys));
    }
    description.numbers().forEach(numbers -> tensors.addAll(numbers.read(keys)));
    return tensors;
  }

  /**
   * The names of the tensors of ggml that hold one of the family's, for each way in which it may;
   * what is asked first is the usual one. Empty where ggml has no such tensor.
   *
   * @param name such as {@link #tensors} gives, outside blocks that predict further tokens
   */
  public List<List<String>> storedAs(String name) {
    Matcher in = FAMILY_BLOCK.matcher(name);
    TensorRules rules = in.matches() ? description.blocks() : description.outside();
    String prefix = in.matches() ? "blk." + in.group(1) + "." : "";
    String own = in.matches() ? in.group(2) : name;
    List<TensorRule> found = new ArrayList<>(rules.named(own));
    found.addAll(rules.named(own.replaceFirst("(?<=\\.experts\\.)[0-9]+(?=\\.)", "%d")));
    return found.stream()
        .distinct()
        .map(rule -> rule.stored().stream().map(part -> prefix + part).toList())
        .toList();
  }

  /**
   * A rule in its place.
   *
   * @param storedPrefix what ggml puts before its names there
   * @param prefix what the family does
   */
  private record Place(TensorRule rule, String storedPrefix, String prefix) {}

  private Optional<Place> place(String name) {
    Matcher in = IN_BLOCK.matcher(name);
    if (!in.matches()) {
      return description.outside().stored(name).map(rule -> new Place(rule, "", ""));
    }
    int block = Integer.parseInt(in.group(1));
    String storedPrefix = "blk." + block + ".";
    if (block >= keys.blocks() && block < keys.allBlocks()) {
      String prefix = description.predictionPrefix(block);
      return description
          .ofPrediction()
          .stored(in.group(2))
          .map(rule -> new Place(rule, storedPrefix, prefix));
    }
    String prefix = "model.layers." + block + ".";
    return description
        .blocks()
        .stored(in.group(2))
        .map(rule -> new Place(rule, storedPrefix, prefix));
  }

  private BadInputException unknown(GgufModel.Tensor tensor) {
    return BadInputException.unsupported(
        "%s: tensor %s is none that a model of architecture %s is known to have; give the"
            + " checkpoint that it was made from",
        tensor.file(), Printable.of(tensor.name()), name());
  }

  private BadInputException missing(String one, String other) {
    return BadInputException.broken(
        "%s: has the tensor %s, but not %s, without which it means nothing; is the file whole?",
        keys.file(), Printable.of(one), Printable.of(other));
  }
}
