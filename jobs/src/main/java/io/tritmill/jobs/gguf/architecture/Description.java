package io.tritmill.jobs.gguf.architecture;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.BiConsumer;
import java.util.function.Function;
import java.util.function.IntFunction;
import java.util.function.Predicate;
import java.util.function.ToIntFunction;

/**
 * An architecture of ggml as a family of ours; where one is several families, there is a
 * description for each, and keys tell which it is.
 */
final class Description {
  private final String architecture;
  private final String modelType;
  private final String className;
  private TensorRules outside = TensorRules.OUTSIDE;
  private TensorRules blocks = TensorRules.of();
  private TensorRules prediction = TensorRules.of();
  private IntFunction<String> predictionPrefix = block -> "";
  private String predictionBlock = "";
  private Predicate<Keys> holds = keys -> true;
  private BiConsumer<Keys, Map<String, Object>> extras = (keys, config) -> {};
  private final List<BlockNumbers> numbers = new ArrayList<>();
  private final Set<String> reads = new TreeSet<>();
  private final Map<String, Function<ModelKeys, Object>> writes = new LinkedHashMap<>();
  private List<String> written;
  private boolean layerNorms;
  private boolean partialRotation;
  private boolean latent;
  private String activation = "silu";

  private Description(String architecture, String modelType, String className) {
    this.architecture = architecture;
    this.modelType = modelType;
    this.className = className;
    written = List.of(modelType);
  }

  /**
   * Begins one.
   *
   * @param architecture in {@code general.architecture}, and before its keys
   * @param modelType of the family in config.json
   * @param className that transformers has for it
   */
  static Description of(String architecture, String modelType, String className) {
    return new Description(architecture, modelType, className);
  }

  /** Which models of the architecture are of the family; others are looked for further on. */
  Description when(Predicate<Keys> condition) {
    holds = condition;
    return this;
  }

  /** Tensors of a block, in groups. */
  Description blocks(TensorRules... groups) {
    for (TensorRules group : groups) {
      blocks = blocks.and(group);
    }
    return this;
  }

  /**
   * Tensors that a block which predicts further tokens has besides those of a block.
   *
   * @param prefix what the family puts before its names, by its number
   * @param block what it puts before those of a block there
   */
  Description prediction(TensorRules rules, IntFunction<String> prefix, String block) {
    prediction = rules;
    predictionPrefix = prefix;
    predictionBlock = block;
    return reads("nextn_predict_layers");
  }

  /** Gains of norms are stored whole, and in the family are what is added to one. */
  Description gainsLessOne(String butFor) {
    blocks = blocks.gainsLessOne(butFor);
    outside = outside.gainsLessOne(butFor);
    prediction = prediction.gainsLessOne(butFor);
    return this;
  }

  /** Further keys that count, without the name of the architecture in front. */
  Description reads(String... keys) {
    reads.addAll(List.of(keys));
    return this;
  }

  /** What a key stands for here, where it is not what it mostly is; null or empty for no key. */
  Description writes(String key, Function<ModelKeys, Object> meaning) {
    writes.put(key, meaning);
    return reads(key);
  }

  /** Which families are written so, where it is not the one that is read. */
  Description written(String... modelTypes) {
    written = List.of(modelTypes);
    return this;
  }

  /** What goes into config.json besides what all families have there. */
  Description config(BiConsumer<Keys, Map<String, Object>> more) {
    BiConsumer<Keys, Map<String, Object>> before = extras;
    extras =
        (keys, config) -> {
          before.accept(keys, config);
          more.accept(keys, config);
        };
    return this;
  }

  /**
   * Some blocks have windows.
   *
   * @param distance of the blocks without one where the file does not say
   * @param otherwise the size where the file does not say; 0 for none
   */
  Description windows(int distance, ToIntFunction<Keys> otherwise) {
    Windows windows = new Windows(distance, otherwise);
    return reads(Windows.SIZE).writes(Windows.PATTERN, windows::pattern).config(windows::read);
  }

  /**
   * A key with a number of each block, which the family has in a tensor of the block.
   *
   * @param key without an architecture in front
   * @param tensor its name in the block
   * @param shape of one element
   */
  Description numbers(String key, String tensor, List<Long> shape) {
    numbers.add(new BlockNumbers(key, tensor, shape));
    return this;
  }

  /** Norms take the mean off. */
  Description layerNorms() {
    layerNorms = true;
    return this;
  }

  /** The rotary embedding may turn a part of a head. */
  Description partialRotation() {
    partialRotation = true;
    return this;
  }

  /** Keys and values are made of a latent, so that heads have no one size. */
  Description latent() {
    latent = true;
    return this;
  }

  /** What config.json calls the activation. */
  Description activation(String name) {
    activation = name;
    return this;
  }

  String architecture() {
    return architecture;
  }

  String modelType() {
    return modelType;
  }

  String className() {
    return className;
  }

  boolean holds(Keys keys) {
    return holds.test(keys);
  }

  TensorRules outside() {
    return outside;
  }

  TensorRules blocks() {
    return blocks;
  }

  /** Those of a block that predicts further tokens. */
  TensorRules ofPrediction() {
    return blocks.under(predictionBlock).and(prediction);
  }

  String predictionPrefix(int block) {
    return predictionPrefix.apply(block);
  }

  Set<String> reads() {
    return reads;
  }

  /** Whether a key says something here, without the name of the architecture. */
  boolean has(String key) {
    return KnownKeys.has(this, key);
  }

  Map<String, Function<ModelKeys, Object>> writes() {
    return writes;
  }

  /** Whether models of a family are written so. */
  boolean isWritten(String modelType) {
    return written.contains(modelType);
  }

  void addExtras(Keys keys, Map<String, Object> config) {
    extras.accept(keys, config);
  }

  List<BlockNumbers> numbers() {
    return numbers;
  }

  boolean hasLayerNorms() {
    return layerNorms;
  }

  boolean hasPartialRotation() {
    return partialRotation;
  }

  boolean isLatent() {
    return latent;
  }

  String activation() {
    return activation;
  }
}
