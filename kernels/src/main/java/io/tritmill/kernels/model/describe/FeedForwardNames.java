package io.tritmill.kernels.model.describe;

/**
 * What the tensors of a feed-forward are called in their block.
 *
 * @param gate tensor of gate, or of gate and up where that has none of its own
 * @param up tensor of up; null where its rows lie below those of gate
 * @param down tensor of down
 */
public record FeedForwardNames(String gate, String up, String down) {
  /** Modules of these names, each with a weight. */
  static FeedForwardNames modules(String gate, String up, String down) {
    return new FeedForwardNames(gate + ".weight", up + ".weight", down + ".weight");
  }

  /** The names of Llama's modules, after a prefix. */
  public static FeedForwardNames under(String prefix) {
    return modules(prefix + ".gate_proj", prefix + ".up_proj", prefix + ".down_proj");
  }

  /** The names of an expert of Mixtral. */
  public static FeedForwardNames ofMixtral(int expert) {
    String prefix = "block_sparse_moe.experts.%d.w".formatted(expert);
    return modules(prefix + 1, prefix + 3, prefix + 2);
  }

  /** One matrix of each of two stacked tensors. */
  static FeedForwardNames stacked(String gateUp, String down, int expert) {
    return new FeedForwardNames(
        "%s[%d]".formatted(gateUp, expert), null, "%s[%d]".formatted(down, expert));
  }

  boolean fused() {
    return up == null;
  }

  /** The bias beside a weight. */
  static String bias(String weight) {
    return weight.replaceFirst("\\.weight$", ".bias");
  }
}
