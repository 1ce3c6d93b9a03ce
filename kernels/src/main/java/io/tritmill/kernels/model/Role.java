package io.tritmill.kernels.model;

/** The part that a tensor plays in a decoder-only transformer. */
public enum Role {
  EMBEDDING("token_embd"),
  ATTENTION_NORM("attn_norm"),
  QUERY("attn_q"),
  KEY("attn_k"),
  VALUE("attn_v"),
  OUTPUT("attn_output"),
  FEED_FORWARD_NORM("ffn_norm"),
  GATE("ffn_gate"),
  UP("ffn_up"),
  DOWN("ffn_down"),
  FINAL_NORM("output_norm"),
  HEAD("output");

  private final String ggufStem;

  Role(String ggufStem) {
    this.ggufStem = ggufStem;
  }

  /**
   * The name that GGUF gives the weight.
   *
   * @param block index of its block; {@link TensorSpec#NO_BLOCK} outside the blocks
   */
  public String ggufName(int block) {
    String weight = ggufStem + ".weight";
    return block == TensorSpec.NO_BLOCK ? weight : "blk." + block + "." + weight;
  }

  /**
   * Whether the tensor is the matrix of a linear module inside a block, hence worth compressing.
   */
  public boolean linear() {
    return switch (this) {
      case QUERY, KEY, VALUE, OUTPUT, GATE, UP, DOWN -> true;
      case EMBEDDING, ATTENTION_NORM, FEED_FORWARD_NORM, FINAL_NORM, HEAD -> false;
    };
  }
}
