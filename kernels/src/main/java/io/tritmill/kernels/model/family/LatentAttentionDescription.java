package io.tritmill.kernels.model.family;

import io.tritmill.kernels.model.Basis;
import io.tritmill.kernels.model.LatentAttention;
import io.tritmill.kernels.model.LossMetric;
import io.tritmill.kernels.model.Module;
import io.tritmill.kernels.model.Norm;
import io.tritmill.kernels.model.Rope;
import io.tritmill.kernels.model.Site;
import io.tritmill.kernels.model.config.LatentSizes;
import io.tritmill.kernels.model.config.Sizes;

/** Attention of one block with latent keys and values, as DeepSeek names its tensors. */
final class LatentAttentionDescription {
  /** What transformers has for the inner norms, whatever rms_norm_eps says. */
  private static final float INNER_EPSILON = 1e-6f;

  private final Decoder model;
  private final int block;
  private final Sizes sizes;
  private final LatentSizes latent;
  private Rope rope;
  private double scale;
  private boolean biased;

  LatentAttentionDescription(Decoder model, int block, LatentSizes latent) {
    this.model = model;
    this.block = block;
    this.latent = latent;
    sizes = model.sizes();
    scale = 1 / Math.sqrt(latent.plain() + latent.rotated());
  }

  /** Positions, and what they multiply the scores by. */
  LatentAttentionDescription rope(Rope value, double factor) {
    rope = value;
    scale *= factor;
    return this;
  }

  /** Whether what reads the input has biases, but for queries without a latent, and output. */
  LatentAttentionDescription biases(boolean value) {
    biased = value;
    return this;
  }

  /** Ends it. */
  void add() {
    int heads = sizes.heads();
    Site in = model.site(block, "attention", sizes.hidden());
    boolean compressed = latent.queryLatent() > 0;
    Module queryDown =
        compressed
            ? module("q_a_proj", "query_down", "attn_q_a", latent.queryLatent(), biased, in)
            : null;
    int queries = heads * (latent.plain() + latent.rotated());
    Module queryUp =
        compressed
            ? module("q_b_proj", "query_up", "attn_q_b", queries, false, queryLatent())
            : module("q_proj", "query", "attn_q", queries, false, in);
    int joint = latent.keyValueLatent() + latent.rotated();
    Module keyValueDown =
        module("kv_a_proj_with_mqa", "key_value_down", "attn_kv_a_mqa", joint, biased, in);
    Site latents = model.site(block, "key_value_latent", latent.keyValueLatent());
    int both = heads * (latent.plain() + latent.value());
    Module keyValueUp = module("kv_b_proj", "key_value_up", "attn_kv_b", both, false, latents);
    model.add(
        block,
        model.norm(block, "input_layernorm", "attention_norm", "attn_norm", sizes.hidden()),
        new LatentAttention(
            heads,
            latent.plain(),
            latent.value(),
            scale,
            rope,
            queryDown,
            compressed ? innerNorm("q_a", "query", "attn_q_a", latent.queryLatent()) : null,
            queryUp,
            keyValueDown,
            innerNorm("kv_a", "key_value", "attn_kv_a", latent.keyValueLatent()),
            keyValueUp,
            output()),
        null,
        1);
  }

  private Site queryLatent() {
    return model.site(block, "query_latent", latent.queryLatent());
  }

  private Module module(String name, String part, String gguf, int rows, boolean bias, Site site) {
    Basis inputs = site.name().equals("attention") ? Basis.STREAM : Basis.FIXED;
    return model.module(
        "self_attn." + name, part, gguf, rows, bias, site, inputs, Basis.FIXED, LossMetric.UNKNOWN);
  }

  private Module output() {
    return model.module(
        "self_attn.o_proj",
        "output",
        "attn_output",
        sizes.hidden(),
        biased,
        model.site(block, "output", sizes.heads() * latent.value()),
        Basis.FIXED,
        Basis.STREAM,
        LossMetric.STREAM);
  }

  private Norm innerNorm(String name, String part, String gguf, int width) {
    return new Norm(
        Norm.Kind.RMS,
        model.other(
            block,
            "self_attn." + name + "_layernorm.weight",
            part + "_latent_norm",
            gguf + "_norm",
            width),
        false,
        INNER_EPSILON);
  }
}
