package io.tritmill.jobs.gguf.tokenizer;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * How a text is split before bytes are merged: what a name in {@code tokenizer.ggml.pre} stands
 * for, as the tokenizers have it that ggml made the name for.
 */
enum GgufPreTokenizer {
  GPT2(List.of("gpt-2", "phi-2", "mpt", "olmo", "jais", "exaone4"), false, Words.GPT2),
  DIGITS(
      List.of("smollm", "starcoder", "refact", "command-r", "codeshell", "exaone", "minerva-7b"),
      false,
      "\\p{N}",
      Words.GPT2),
  LLAMA3(
      List.of("llama-bpe", "llama3", "llama-v3", "falcon3", "pixtral", "lfm2", "glm4", "glm5"),
      true,
      Words.CL100K + "\\p{N}{1,3}" + Words.SIGNS_AND_SPACES),
  DBRX(
      List.of("dbrx", "smaug-bpe", "chatglm-bpe"),
      false,
      Words.CL100K + "\\p{N}{1,3}" + Words.SIGNS_AND_SPACES),
  QWEN2(
      List.of("qwen2", "deepseek-r1-qwen", "megrez", "stablelm2", "hunyuan"),
      false,
      Words.CL100K + "\\p{N}" + Words.SIGNS_AND_SPACES),
  QWEN35(
      List.of("qwen35"),
      false,
      "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?[\\p{L}\\p{M}]+|\\p{N}"
          + "| ?[^\\s\\p{L}\\p{M}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+"),
  TEKKEN(List.of("tekken"), true, Words.cased("") + "|\\p{N}" + Words.SLASHES_AND_SPACES),
  GPT4O(
      List.of("gpt-4o", "llama4", "minimax-m2"),
      false,
      Words.cased("(?i:'s|'t|'re|'ve|'m|'ll|'d)?") + "|\\p{N}{1,3}" + Words.SLASHES_AND_SPACES),
  SEED(
      List.of("seed-coder"),
      false,
      Words.CL100K + "\\p{N}| ?[^\\s\\p{L}\\p{N}\\r\\n]+|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+"),
  DEEPSEEK3(
      List.of("deepseek-v3", "hunyuan-dense", "joyai-llm"),
      false,
      "\\p{N}{1,3}",
      "[\u4e00-\u9fa5\u3040-\u309f\u30a0-\u30ff]+",
      "[!\"#$%&'()*+,\\-./:;<=>?@\\[\\\\\\]^_`{|}~][A-Za-z]+|[^\\r"
          + "\\n"
          + "\\p{L}\\p{P}\\p{S}]?[\\p{L}\\p{M}]+| ?[\\p{P}\\p{S}]+[\\r"
          + "\\n"
          + "]*|\\s*[\\r"
          + "\\n"
          + "]+|\\s+(?!\\S)|\\s+"),
  DEEPSEEK_CODER(
      List.of("deepseek-coder"),
      false,
      "[\\r\\n]",
      "\\s?\\p{L}+",
      "\\s?\\p{P}+",
      "[\u4e00-\u9fa5\u0800-\u4e00\uac00-\ud7ff]+",
      "\\p{N}"),
  KIMI(
      List.of("kimi-k2"),
      false,
      "\\p{Han}+|"
          + Words.cased("&&[^\\p{Han}]", "(?i:'s|'t|'re|'ve|'m|'ll|'d)?")
          + "|\\p{N}{1,3}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+"),
  FALCON(List.of("falcon"), false, "[\\p{P}\\$\\+<=>\\^~\\|`]+", Words.GPT2, "[0-9][0-9][0-9]"),

  /** What ggml does where a file names none. */
  DEFAULT(
      List.of("default"),
      false,
      "[\\p{P}\\$\\+<=>\\^~\\|]+",
      Words.GPT2,
      "\\p{N}+",
      "[0-9][0-9][0-9]");

  private final List<String> names;
  private final boolean ignoreMerges;
  private final List<String> patterns;
  private final List<String> spelled;

  GgufPreTokenizer(List<String> names, boolean ignoreMerges, String... patterns) {
    this.names = names;
    this.ignoreMerges = ignoreMerges;
    this.patterns = List.of(patterns);
    spelled = this.patterns.stream().map(PatternSpelling::of).toList();
  }

  /** The words of GPT-2, which ByteLevel has of its own. */
  static final String WORDS = Words.GPT2;

  /** Patterns of the well-known tokenizers, or beginnings and ends of them. */
  private static final class Words {
    static final String GPT2 =
        "'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+";
    static final String CL100K = "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|";
    static final String SIGNS_AND_SPACES =
        "| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";
    static final String SLASHES_AND_SPACES =
        "| ?[^\\s\\p{L}\\p{N}]+[\\r\\n/]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";

    private Words() {}

    /** Words that begin where small letters are followed by capitals. */
    static String cased(String ending) {
      return cased("", ending);
    }

    /** The same for fewer letters. */
    static String cased(String fewer, String ending) {
      String before = "[^\\r\\n\\p{L}\\p{N}]?";
      String capitals = "[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}" + fewer + "]";
      String small = "[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}" + fewer + "]";
      return before + capitals + "*" + small + "+" + ending + "|" + before + capitals + "+" + small
          + "*" + ending;
    }
  }

  static Optional<GgufPreTokenizer> of(String name) {
    return Arrays.stream(values()).filter(one -> one.names.contains(name)).findFirst();
  }

  /** All that split as these patterns do, each as {@link PatternSpelling} spells it. */
  static List<GgufPreTokenizer> splitting(List<String> patterns) {
    return Arrays.stream(values()).filter(one -> one.spelled.equals(patterns)).toList();
  }

  /**
   * A name for it.
   *
   * @param begun whether the vocabulary has a token that begins texts: ggml takes the eleventh for
   *     that where it is told of none, but with the names of GLM
   */
  String name(boolean begun) {
    return names.stream()
        .filter(name -> !begun && List.of("glm4", "chatglm-bpe").contains(name))
        .findFirst()
        .orElse(names.getFirst());
  }

  /** All names that are known. */
  static List<String> names() {
    return Arrays.stream(values()).flatMap(one -> one.names.stream()).toList();
  }

  /** Whether a word that is a token is that token, whatever the merges make of it. */
  boolean ignoreMerges() {
    return ignoreMerges;
  }

  /** As tokenizer.json has it. */
  Map<String, Object> json() {
    List<Object> steps = new ArrayList<>();
    for (String pattern : patterns) {
      Map<String, Object> split = new LinkedHashMap<>();
      split.put("type", "Split");
      split.put("pattern", Map.of("Regex", pattern));
      split.put("behavior", "Isolated");
      split.put("invert", false);
      steps.add(split);
    }
    steps.add(byteLevel(false));
    return Map.of("type", "Sequence", "pretokenizers", steps);
  }

  /** Bytes as letters, and letters as bytes. */
  static Map<String, Object> byteLevel(boolean trimOffsets) {
    Map<String, Object> bytes = new LinkedHashMap<>();
    bytes.put("type", "ByteLevel");
    bytes.put("add_prefix_space", false);
    bytes.put("trim_offsets", trimOffsets);
    bytes.put("use_regex", false);
    return bytes;
  }
}
