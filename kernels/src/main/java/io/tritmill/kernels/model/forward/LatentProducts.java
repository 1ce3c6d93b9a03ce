package io.tritmill.kernels.model.forward;

import io.tritmill.kernels.model.LatentAttention;
import io.tritmill.kernels.model.function.SoftMax;
import io.tritmill.kernels.simd.Gemm;

/**
 * Attends to latents as they are (arXiv:2405.04434, section 2.1.2): what would expand a latent is
 * taken into the query and the result instead, so that a position costs what it is wide and no
 * more. Letters as in {@link LatentAttention}; K (n, c) and V (v, c) are the rows that expand a
 * head.
 *
 * <pre>
 * q = [K' q_plain; q_rotated]     scores = q [latent; key]     result = V (probabilities latents)
 * </pre>
 *
 * The same function as of expanded keys and values, to rounding. Holds scratch: one thread at a
 * time.
 */
final class LatentProducts {
  private final HeadTiles tiles;
  private float[] head = {}; // (n + v, c): K and V
  private float[] query = {}; // (tokens, A, c + r)
  private float[] result = {}; // (tokens, A, c)

  LatentProducts(HeadTiles tiles) {
    this.tiles = tiles;
  }

  /**
   * Whether this takes fewer products than to expand all that is seen.
   *
   * @param seen positions, those of the tokens included
   */
  static boolean pays(LatentAttention module, int tokens, int seen) {
    double expansion = module.latent() * (double) (module.plainSize() + module.valueSize());
    double wide = 2.0 * module.latent() + module.rope().size();
    double narrow = (double) module.querySize() + module.valueSize();
    return tokens < seen
        && module.keyValueUp().bias() == null
        && tokens * (expansion + seen * wide) < seen * expansion + tokens * (seen * narrow);
  }

  /**
   * Attends with all heads.
   *
   * @param rotated (tokens, A, n + r): queries, the last r of each rotated
   * @param seen latent and rotated key of each position, those of the tokens included
   * @param into (tokens, A, v); overwritten
   */
  void attend(
      LatentAttention module,
      SublayerWeights weights,
      int tokens,
      float[] rotated,
      PastRows seen,
      float[] into) {
    int heads = module.heads();
    int plain = module.plainSize();
    int values = module.valueSize();
    int latent = module.latent();
    int wide = latent + module.rope().size();
    Linear expand = weights.linear(module.keyValueUp());
    head = LatentAttentionPass.reserve(head, plain + values, latent);
    query = LatentAttentionPass.reserve(query, tokens, heads * wide);
    result = LatentAttentionPass.reserve(result, tokens, heads * latent);
    for (int h = 0; h < heads; h++) {
      expand.weight().decode(h * (plain + values), plain, head, 0);
      int from = h * module.querySize();
      int fromStride = heads * module.querySize();
      int to = h * wide;
      Gemm.multiply(
          tokens,
          latent,
          plain,
          rotated,
          from,
          fromStride,
          head,
          0,
          latent,
          query,
          to,
          heads * wide);
      for (int t = 0; t < tokens; t++) {
        System.arraycopy(
            rotated,
            from + t * fromStride + plain,
            query,
            to + t * heads * wide + latent,
            module.rope().size());
      }
    }
    tiles.attend(
        seen.positions() - tokens,
        tokens,
        0,
        0,
        new SoftMax(module.scale(), 0, new float[0]),
        HeadRows.packed(query, 0, heads, wide),
        seen.heads(1),
        new HeadRows(seen.values(), seen.at(0), wide, wide, 1, latent),
        HeadRows.packed(result, 0, heads, latent),
        Taps.NONE);
    for (int h = 0; h < heads; h++) {
      expand.weight().decode(h * (plain + values) + plain, values, head, 0);
      Gemm.multiplyTransposed(
          tokens,
          values,
          latent,
          result,
          h * latent,
          heads * latent,
          head,
          0,
          latent,
          into,
          h * values,
          heads * values);
    }
  }
}
