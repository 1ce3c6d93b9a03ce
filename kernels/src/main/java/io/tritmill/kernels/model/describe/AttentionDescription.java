package io.tritmill.kernels.model.describe;

import io.tritmill.kernels.model.Attention;
import io.tritmill.kernels.model.Basis;
import io.tritmill.kernels.model.LossMetric;
import io.tritmill.kernels.model.Module;
import io.tritmill.kernels.model.Norm;
import io.tritmill.kernels.model.Parallel;
import io.tritmill.kernels.model.Rope;
import io.tritmill.kernels.model.Site;
import io.tritmill.kernels.model.Temperature;
import io.tritmill.kernels.model.TensorSpec;
import io.tritmill.kernels.model.config.Sizes;
import java.util.List;

/** The attention of one block while it is described; what is not said is as in Llama. */
public final class AttentionDescription {
  private final Decoder model;
  private final int block;
  private Sizes sizes;
  private Rope rope;
  private Temperature temperature;
  private int window;
  private double scale;
  private double softCap;
  private boolean inputBiases;
  private boolean outputBias;
  private boolean sinks;
  private boolean gated;
  private final InnerNormsDescription norms;
  private boolean keysAsValues;
  private boolean fused;
  private String before = "input_layernorm";
  private String after;
  private double multiplier = 1;
  private boolean alone = true;

  AttentionDescription(Decoder model, int block) {
    this.model = model;
    this.block = block;
    sizes = model.sizes();
    norms = new InnerNormsDescription(model, block);
    scale = 1 / Math.sqrt(sizes.headSize());
  }

  /** Heads that differ from those of other blocks; scores are scaled as before. */
  public AttentionDescription sizes(Sizes value) {
    sizes = value;
    return this;
  }

  /** Positions; null for none. */
  public AttentionDescription rope(Rope value) {
    rope = value;
    return this;
  }

  /** How queries grow with their position. */
  public AttentionDescription temperature(Temperature value) {
    temperature = value;
    return this;
  }

  /** Keys that a position sees; 0 for all. */
  public AttentionDescription window(int keys) {
    window = keys;
    return this;
  }

  /** What scores are multiplied by. */
  public AttentionDescription scale(double value) {
    scale = value;
    return this;
  }

  /** Scores stay between -cap and cap; 0 for no cap. */
  public AttentionDescription softCap(double cap) {
    softCap = cap;
    return this;
  }

  /** Biases of query, key and value, and of output. */
  public AttentionDescription biases(boolean inputs, boolean output) {
    inputBiases = inputs;
    outputBias = output;
    return this;
  }

  /** A score for each head that no value goes with. */
  public AttentionDescription sinks() {
    sinks = true;
    return this;
  }

  /** Below the rows of each query head are those of a gate of its results. */
  public AttentionDescription gated() {
    gated = true;
    return this;
  }

  /** Norms of each head of queries and keys. */
  public AttentionDescription headNorms() {
    norms.shapes(List.of(sizes.headSize()), List.of(sizes.headSize()));
    return this;
  }

  /** Norms of each head of queries and keys, with gains of its own for each. */
  public AttentionDescription ownHeadNorms() {
    norms.shapes(
        List.of(sizes.heads(), sizes.headSize()), List.of(sizes.keyValueHeads(), sizes.headSize()));
    return this;
  }

  /** Norms of each head of queries and keys behind their rotation, by their names. */
  public AttentionDescription rotatedNorms(String nameOfQueries, String nameOfKeys) {
    norms.rotated(nameOfQueries, nameOfKeys);
    return headNorms();
  }

  /** Norms of all queries of a token together, and of all keys. */
  public AttentionDescription wideNorms() {
    norms.shapes(
        List.of(sizes.heads() * sizes.headSize()),
        List.of(sizes.keyValueHeads() * sizes.headSize()));
    return this;
  }

  /** A norm of the values of each head, without gains. */
  public AttentionDescription valueNorm() {
    norms.value();
    return this;
  }

  /** Values are what the key's module makes. */
  public AttentionDescription keysAsValues(boolean value) {
    keysAsValues = value;
    return this;
  }

  /** The name of a norm of the heads' results, side by side. */
  public AttentionDescription resultNorm(String name) {
    norms.result(name);
    return this;
  }

  /** Query, key and value are rows of one tensor. */
  public AttentionDescription fused() {
    fused = true;
    return this;
  }

  /** Names of the norms before and behind; null for none. */
  public AttentionDescription norms(String nameBefore, String nameAfter) {
    before = nameBefore;
    after = nameAfter;
    return this;
  }

  /** What the result is multiplied by when it is added to the stream. */
  public AttentionDescription multiplier(double value) {
    multiplier = value;
    return this;
  }

  /** Ends it. */
  public void add() {
    Norm normBefore = outerNorm(before, "attention_norm", "attn_norm");
    Norm normAfter = outerNorm(after, "attention_post_norm", "post_attention_norm");
    model.add(block, normBefore, build(), normAfter, multiplier);
  }

  /** Ends it and a feed-forward that reads the same; both results are added. */
  public void addBeside(FeedForwardDescription feedForward) {
    alone = false;
    Norm normBefore = outerNorm(before, "attention_norm", "attn_norm");
    Parallel.Branch first = Parallel.Branch.of(build());
    Parallel.Branch second = Parallel.Branch.of(feedForward.beside().build());
    model.add(block, normBefore, new Parallel(List.of(first, second)), null, multiplier);
  }

  private Norm outerNorm(String name, String part, String gguf) {
    return name == null ? null : model.norm(block, name, part, gguf, sizes.hidden());
  }

  private Attention build() {
    int queries = sizes.heads() * sizes.headSize();
    int keys = sizes.keyValueHeads() * sizes.headSize();
    Site in = model.site(block, "attention", sizes.hidden());
    Site out = model.site(block, "output", queries);
    Module query =
        input(in, "q", "query", "attn_q", 0, gated ? 2 * queries : queries, LossMetric.QUERY);
    Module key = input(in, "k", "key", "attn_k", queries, keys, LossMetric.KEY);
    Module value =
        keysAsValues
            ? null
            : input(in, "v", "value", "attn_v", queries + keys, keys, LossMetric.VALUE);
    Module output =
        model.module(
            "self_attn.o_proj",
            "output",
            "attn_output",
            sizes.hidden(),
            outputBias,
            out,
            heads(),
            Basis.STREAM,
            after == null ? LossMetric.STREAM : LossMetric.UNKNOWN);
    TensorSpec sinkScores =
        sinks ? model.other(block, "self_attn.sinks", "sinks", "attn_sinks", sizes.heads()) : null;
    return new Attention(
        sizes.heads(),
        sizes.keyValueHeads(),
        sizes.headSize(),
        scale,
        window,
        rope,
        temperature,
        softCap,
        norms.build(queries),
        sinkScores,
        gated,
        query,
        key,
        value,
        output);
  }

  /** Values and results of heads: a factor of each element knows no rotation of a head. */
  private Basis heads() {
    return !norms.ofResults() && !gated && !keysAsValues ? Basis.HEADS : Basis.FIXED;
  }

  private Module input(
      Site site, String letter, String part, String gguf, int first, int rows, LossMetric metric) {
    Basis outputs = metric == LossMetric.VALUE ? heads() : Basis.FIXED;
    if (fused) {
      int all = (sizes.heads() + 2 * sizes.keyValueHeads()) * sizes.headSize();
      return model.rowsOf(
          "self_attn.qkv_proj",
          "query_key_value",
          "attn_qkv",
          all,
          first,
          rows,
          inputBiases,
          site,
          Basis.STREAM,
          outputs,
          LossMetric.UNKNOWN);
    }
    return model.module(
        "self_attn." + letter + "_proj",
        part,
        gguf,
        rows,
        inputBiases,
        site,
        Basis.STREAM,
        outputs,
        known(metric) ? metric : LossMetric.UNKNOWN);
  }

  /**
   * The metrics of queries and keys are derived for plain scores, that of values for a plain sum
   * that output reads as it is.
   */
  private boolean known(LossMetric metric) {
    boolean plain =
        !norms.ofScores()
            && temperature == null
            && softCap == 0
            && !sinks
            && rope != null
            && rope.factor() == 1
            && !(rope.scaling() instanceof Rope.LongRope)
            && scale == 1 / Math.sqrt(sizes.headSize());
    return alone
        && after == null
        && !norms.ofResults()
        && !norms.ofValues()
        && !keysAsValues
        && !gated
        && multiplier == 1
        && (plain || metric == LossMetric.VALUE);
  }
}
