package io.tritmill.jobs.export;

/** Tells embeddings and heads from linear modules of blocks. */
final class Tables {
  private Tables() {}

  static boolean isTable(Layer layer) {
    String module = layer.module();
    return module.endsWith("embed_tokens") || module.endsWith("lm_head");
  }
}
