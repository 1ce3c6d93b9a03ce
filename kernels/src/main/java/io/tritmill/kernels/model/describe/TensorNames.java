package io.tritmill.kernels.model.describe;

import java.util.List;

/**
 * What a checkpoint puts before the names of its tensors.
 *
 * @param prefix such as {@code model.}, perhaps empty
 */
record TensorNames(String prefix) {
  /** In plain checkpoints, in wrappers, and in none. */
  private static final List<String> PREFIXES =
      List.of(
          "model.",
          "language_model.model.",
          "model.language_model.",
          "",
          "_orig_mod.model.",
          "language_model.");

  private static final String EMBEDDING = "embed_tokens.weight";

  /** Those under which the checkpoint has its embedding; the usual ones where it has none. */
  static TensorNames of(StoredTensors stored) {
    return new TensorNames(
        PREFIXES.stream()
            .filter(one -> stored.has(one + EMBEDDING))
            .findFirst()
            .orElse(PREFIXES.getFirst()));
  }

  /** The name of a tensor outside the blocks. */
  String outside(String name) {
    return prefix + name;
  }

  String embedding() {
    return outside(EMBEDDING);
  }

  /** The name of a tensor of a block. */
  String inBlock(int block, String name) {
    return prefix + "layers." + block + "." + name;
  }

  /** The name that GGUF gives a tensor of a block; empty where it has none. */
  static String gguf(int block, String name) {
    return name.isEmpty() ? "" : "blk." + block + "." + name + ".weight";
  }

  /** The name of the head, which a wrapper may have within or at the top. */
  String head(StoredTensors stored) {
    String plain = "lm_head.weight";
    String within = prefix.replaceFirst("(?<=^|\\.)model\\.$", "") + plain;
    return stored.has(within) && !stored.has(plain) ? within : plain;
  }
}
