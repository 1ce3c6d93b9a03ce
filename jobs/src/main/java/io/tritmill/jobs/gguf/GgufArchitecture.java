package io.tritmill.jobs.gguf;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What tells one architecture of ggml: how its keys, tensor names and row orders are those of a
 * family of Hugging Face. Another architecture is another of these.
 */
interface GgufArchitecture {
  /** Those that are known. */
  List<GgufArchitecture> ALL = List.of(new LlamaArchitecture());

  /** Its name in {@code general.architecture}. */
  String name();

  /**
   * The values of config.json.
   *
   * @throws io.tritmill.jobs.failure.BadInputException if keys are missing, contradict the tensors,
   *     or ask for what the family has not
   */
  Map<String, Object> config(GgufModel model);

  /** The name that the family has for a tensor; empty where it has none. */
  Optional<String> tensorName(String name);

  /** Whether a tensor holds what {@link #config} says, and so is no weight. */
  boolean inConfig(String name);

  /**
   * In how many heads the rows of a tensor lie as pairs that the rotary embedding turns together,
   * where the family has the first halves of all pairs before the second; 0 where rows lie in the
   * family's order.
   */
  int interleavedHeads(GgufModel model, String name);
}
