package io.tritmill.jobs.gguf.architecture;

import io.tritmill.jobs.failure.BadInputException;
import io.tritmill.jobs.failure.Printable;
import io.tritmill.jobs.gguf.GgufArray;
import io.tritmill.jobs.gguf.GgufKeys;
import io.tritmill.jobs.gguf.GgufModel;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;

/**
 * The keys of a model's architecture, without the name of the architecture in front, and what
 * follows from them.
 *
 * @param model whose keys they are
 * @param architecture ggml's name of it
 */
record Keys(GgufModel model, String architecture) {
  /** More blocks than any model has. */
  private static final int MOST_BLOCKS = 100_000;

  private GgufKeys all() {
    return model.keys();
  }

  /** For messages. */
  String file() {
    return model.file();
  }

  /** A key by its whole name. */
  String named(String key) {
    return architecture + "." + key;
  }

  boolean has(String key) {
    return all().has(named(key));
  }

  /**
   * A whole number; of an array with one for each block, that of all blocks.
   *
   * @throws BadInputException if blocks differ, or it is no number
   */
  Optional<Integer> optionalWhole(String key) {
    if (!(all().values().get(named(key)) instanceof GgufArray)) {
      return all().optionalWhole(named(key));
    }
    List<Number> each = all().array(named(key), Number.class, "numbers");
    if (each.stream().distinct().count() != 1) {
      throw BadInputException.unsupported(
          "%s: %s is %s, expected the same for every block; give the checkpoint that it was made"
              + " from",
          file(), named(key), Printable.of(each.toString(), 100));
    }
    return Optional.of(each.getFirst().intValue());
  }

  int whole(String key) {
    return optionalWhole(key).orElseThrow(() -> all().missing(named(key)));
  }

  int positive(String key) {
    int value = whole(key);
    if (value < 1) {
      throw BadInputException.broken(
          "%s: %s is %d, expected at least 1", file(), named(key), value);
    }
    return value;
  }

  Optional<Double> decimal(String key) {
    return all().decimal(named(key));
  }

  double requiredDecimal(String key) {
    return decimal(key).orElseThrow(() -> all().missing(named(key)));
  }

  boolean flag(String key, boolean otherwise) {
    return all().flag(named(key), otherwise);
  }

  Optional<String> text(String key) {
    return all().text(named(key));
  }

  /** A number for each block under a key that has no architecture in front. */
  List<Float> eachBlock(String key) {
    if (all().values().get(key) instanceof Number) {
      return Collections.nCopies(blocks(), all().decimal(key).orElseThrow().floatValue());
    }
    List<Float> values = all().array(key, Float.class, "a number for each block");
    requireEach(key, values.size());
    return values;
  }

  private void requireEach(String key, int found) {
    if (found < blocks()) {
      throw BadInputException.broken(
          "%s: %s has %d elements, but there are %d blocks", file(), key, found, blocks());
    }
  }

  /** All blocks that there are tensors of, those that predict further tokens too. */
  int allBlocks() {
    int blocks = positive("block_count");
    if (blocks > MOST_BLOCKS) {
      throw BadInputException.broken(
          "%s: %s is %d, expected at most %d", file(), named("block_count"), blocks, MOST_BLOCKS);
    }
    return blocks;
  }

  /** Blocks that a token passes. */
  int blocks() {
    int more = optionalWhole("nextn_predict_layers").orElse(0);
    if (more >= allBlocks()) {
      throw BadInputException.broken(
          "%s: %s is %d, but %s is %d, expected less",
          file(), named("nextn_predict_layers"), more, named("block_count"), allBlocks());
    }
    return allBlocks() - more;
  }

  int heads() {
    return positive("attention.head_count");
  }

  int keyValueHeads() {
    return has("attention.head_count_kv") ? positive("attention.head_count_kv") : heads();
  }

  int headSize() {
    return optionalWhole("attention.key_length").orElseGet(() -> hidden() / heads());
  }

  int hidden() {
    return positive("embedding_length");
  }

  /** How many experts each of the blocks with experts has; 0 for none. */
  int experts() {
    return optionalWhole("expert_count").orElse(0);
  }

  /** Whether a block has a tensor. */
  boolean has(int block, String tensor) {
    return model.has("blk.%d.%s".formatted(block, tensor));
  }

  /**
   * Whether each block is of a kind, by an array of truth values or by the distance of the others.
   *
   * @param pattern the key
   * @param otherwise the distance where the file has no such key; every one of them is not
   */
  List<Boolean> kinds(String pattern, int otherwise) {
    List<Boolean> kinds = new ArrayList<>();
    if (all().values().get(named(pattern)) instanceof GgufArray) {
      List<Object> listed = all().array(named(pattern), Object.class, "truth values");
      requireEach(named(pattern), listed.size());
      for (Object one : listed.subList(0, blocks())) {
        kinds.add(
            switch (one) {
              case Boolean truth -> truth;
              case Number number -> number.longValue() != 0;
              default ->
                  throw BadInputException.broken(
                      "%s: %s has %s, expected truth values",
                      file(), named(pattern), Printable.of(one.toString()));
            });
      }
      return kinds;
    }
    int distance = has(pattern) ? positive(pattern) : otherwise;
    for (int block = 0; block < blocks(); block++) {
      kinds.add(block % distance < distance - 1);
    }
    return kinds;
  }
}
