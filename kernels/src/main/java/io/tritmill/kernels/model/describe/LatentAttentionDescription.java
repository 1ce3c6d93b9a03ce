package io.tritmill.kernels.model.describe;

import io.tritmill.kernels.model.Basis;
import io.tritmill.kernels.model.LatentAttention;
import io.tritmill.kernels.model.LossMetric;
import io.tritmill.kernels.model.Module;
import io.tritmill.kernels.model.Norm;
import io.tritmill.kernels.model.Rope;
import io.tritmill.kernels.model.Site;
import io.tritmill.kernels.model.config.ConfigValues;
import io.tritmill.kernels.model.config.LatentSizes;
import io.tritmill.kernels.model.config.OtherFunctions;
import io.tritmill.kernels.model.config.RopeConfig;
import io.tritmill.kernels.model.config.Sizes;
import io.tritmill.kernels.model.config.UnsupportedConfigException;

/**
 * The attention of DeepSeek-V3 (arXiv:2412.19437, section 2.1.1), which others have too, the same
 * in every block.
 *
 * @param sizes of the model, with heads as wide as what is rotated of them
 * @param latent of attention
 * @param rope of the rotated elements
 * @param scale of the scores
 * @param biased whether what reads the input has biases, but for queries without a latent, and
 *     output
 */
public record LatentAttentionDescription(
    Sizes sizes, LatentSizes latent, Rope rope, double scale, boolean biased) {
  /** What transformers has for the inner norms, whatever rms_norm_eps says. */
  private static final float INNER_EPSILON = 1e-6f;

  /**
   * Reads it; what config.json does not say is as given.
   *
   * @throws UnsupportedConfigException if heads share keys, or not all that has positions is turned
   */
  public static LatentAttentionDescription read(
      ConfigValues values, Sizes.Defaults otherwise, LatentSizes latentOtherwise) {
    Sizes read = Sizes.read(values, otherwise);
    OtherFunctions.requireValue(values, "num_key_value_heads", read.heads());
    LatentSizes latent = LatentSizes.read(values, read.heads(), latentOtherwise);
    Sizes sizes = read.withHeadSize(latent.rotated());
    RopeConfig positions = new RopeConfig(values, sizes).fraction(1);
    if (values.flag("rope_interleave", true)) {
      positions.interleaved();
    }
    Rope rope = positions.read();
    if (rope.size() != latent.rotated()) {
      throw new UnsupportedConfigException(
          "partial_rotary_factor leaves %d of a qk_rope_head_dim of %d, expected all",
          rope.size(), latent.rotated());
    }
    double scale = positions.scoreFactor() / Math.sqrt(latent.plain() + latent.rotated());
    return new LatentAttentionDescription(
        sizes, latent, rope, scale, values.flag("attention_bias", false));
  }

  /** Describes the attention of a block. */
  public void add(Decoder model, int block) {
    new OfBlock(this, model, block).add();
  }

  /** That of one block, whose sites are numbered in the order in which they are made. */
  private record OfBlock(LatentAttentionDescription all, Decoder model, int block) {
    void add() {
      LatentSizes latent = all.latent;
      int hidden = all.sizes.hidden();
      int heads = all.sizes.heads();
      int queries = heads * (latent.plain() + latent.rotated());
      Site in = model.site(block, "attention", hidden);
      Module queryDown = null;
      Norm queryNorm = null;
      Module queryUp;
      if (latent.queryLatent() == 0) {
        queryUp = input("q_proj", "query", "attn_q", queries, false, in);
      } else {
        queryDown =
            input("q_a_proj", "query_down", "attn_q_a", latent.queryLatent(), all.biased, in);
        queryNorm = norm("q_a_layernorm", "query_norm", "attn_q_a_norm", latent.queryLatent());
        Site of = model.site(block, "query_latent", latent.queryLatent());
        queryUp = inner("q_b_proj", "query_up", "attn_q_b", queries, of);
      }
      int joint = latent.keyValueLatent() + latent.rotated();
      Module keyValueDown =
          input("kv_a_proj_with_mqa", "key_value_down", "attn_kv_a_mqa", joint, all.biased, in);
      Norm keyValueNorm =
          norm("kv_a_layernorm", "key_value_norm", "attn_kv_a_norm", latent.keyValueLatent());
      Site of = model.site(block, "key_value_latent", latent.keyValueLatent());
      int both = heads * (latent.plain() + latent.value());
      Module keyValueUp = inner("kv_b_proj", "key_value_up", "attn_kv_b", both, of);
      model.add(
          block,
          model.norm(block, "input_layernorm", "attention_norm", "attn_norm", hidden),
          new LatentAttention(
              heads,
              latent.plain(),
              latent.value(),
              all.scale,
              all.rope,
              queryDown,
              queryNorm,
              queryUp,
              keyValueDown,
              keyValueNorm,
              keyValueUp,
              output(hidden, heads * latent.value())),
          null,
          1);
    }

    private Module input(
        String name, String part, String gguf, int rows, boolean biased, Site site) {
      return module(
          name, part, gguf, rows, biased, site, Basis.STREAM, Basis.FIXED, LossMetric.UNKNOWN);
    }

    /** Reads a latent, and writes what is rotated: neither can be turned. */
    private Module inner(String name, String part, String gguf, int rows, Site site) {
      return module(
          name, part, gguf, rows, false, site, Basis.FIXED, Basis.FIXED, LossMetric.UNKNOWN);
    }

    private Module output(int hidden, int width) {
      Site site = model.site(block, "output", width);
      return module(
          "o_proj",
          "output",
          "attn_output",
          hidden,
          all.biased,
          site,
          Basis.FIXED,
          Basis.STREAM,
          LossMetric.STREAM);
    }

    private Module module(
        String name,
        String part,
        String gguf,
        int rows,
        boolean biased,
        Site site,
        Basis inputs,
        Basis outputs,
        LossMetric metric) {
      return model.module(
          "self_attn." + name, part, gguf, rows, biased, site, inputs, outputs, metric);
    }

    private Norm norm(String name, String part, String gguf, int width) {
      return new Norm(
          Norm.Kind.RMS,
          model.other(block, "self_attn." + name + ".weight", part, gguf, width),
          false,
          INNER_EPSILON);
    }
  }
}
