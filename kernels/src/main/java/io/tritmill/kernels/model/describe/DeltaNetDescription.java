package io.tritmill.kernels.model.describe;

import io.tritmill.kernels.model.Basis;
import io.tritmill.kernels.model.DeltaNet;
import io.tritmill.kernels.model.DeltaNet.Rows;
import io.tritmill.kernels.model.LossMetric;
import io.tritmill.kernels.model.Module;
import io.tritmill.kernels.model.Norm;
import io.tritmill.kernels.model.Site;
import io.tritmill.kernels.model.TensorSpec;
import java.util.List;

/** The gated delta-net of one block while it is described. */
public final class DeltaNetDescription {
  /** More than any model keeps of a sequence. */
  private static final int MOST_KEPT = 1 << 27;

  private final Decoder model;
  private final int block;
  private int keyHeads;
  private int valueHeads;
  private int keySize;
  private int valueSize;
  private int width;
  private boolean byKeyHead;

  DeltaNetDescription(Decoder model, int block) {
    this.model = model;
    this.block = block;
  }

  /** Numbers of heads. */
  public DeltaNetDescription heads(int ofKeys, int ofValues) {
    keyHeads = ofKeys;
    valueHeads = ofValues;
    return this;
  }

  /** Widths of a key head and of a value head. */
  public DeltaNetDescription sizes(int ofKeys, int ofValues) {
    keySize = ofKeys;
    valueSize = ofValues;
    return this;
  }

  /** Tokens that the convolution sees. */
  public DeltaNetDescription convolution(int tokens) {
    width = tokens;
    return this;
  }

  /** Queries, keys, values and gates are rows of one tensor, those of a key head together. */
  public DeltaNetDescription byKeyHead() {
    byKeyHead = true;
    return this;
  }

  /**
   * Ends it.
   *
   * @throws IllegalArgumentException if it is larger than any can be, or its heads cannot be shared
   */
  public void add() {
    int hidden = model.sizes().hidden();
    requireSizes();
    int values = valueHeads * valueSize;
    Norm before = model.norm(block, "input_layernorm", "attention_norm", "attn_norm", hidden);
    Site in = model.site(block, "delta_net", hidden);
    Site out = model.site(block, "output", values);
    Module output =
        model.module(
            "linear_attn.out_proj",
            "output",
            "",
            hidden,
            false,
            out,
            Basis.FIXED,
            Basis.STREAM,
            LossMetric.STREAM);
    model.add(block, before, byKeyHead ? oneTensor(in, output) : apart(in, output), null, 1);
  }

  /** No tensor has more rows than query, key, value and gate together. */
  private void requireSizes() {
    double rows = 2.0 * keyHeads * keySize + 2.0 * valueHeads * valueSize;
    double kept = (double) valueHeads * keySize * valueSize;
    if (rows > Integer.MAX_VALUE || kept > MOST_KEPT) {
      throw new IllegalArgumentException(
          ("a delta-net of %d key heads of %d and %d value heads of %d has %.3g rows and keeps %.3g"
                  + " numbers, expected less than 2^31 and at most 2^27")
              .formatted(keyHeads, keySize, valueHeads, valueSize, rows, kept));
    }
  }

  private DeltaNet apart(Site in, Module output) {
    int keys = keyHeads * keySize;
    int values = output.columns();
    int share = valueHeads / keyHeads;
    int wide = share * valueSize;
    Module mixed = input("in_proj_qkv", "query_key_value", channels(), in);
    Module gate = input("in_proj_z", "gate", values, in);
    return net(
        List.of(mixed, gate),
        new DeltaNet.Parts(
            new Rows(mixed.weight(), 0, keySize),
            new Rows(mixed.weight(), keys, keySize),
            new Rows(mixed.weight(), 2 * keys, wide),
            new Rows(gate.weight(), 0, wide),
            new Rows(control("in_proj_b", valueHeads), 0, share),
            new Rows(control("in_proj_a", valueHeads), 0, share)),
        output);
  }

  private DeltaNet oneTensor(Site in, Module output) {
    int share = valueHeads / keyHeads;
    int wide = share * valueSize;
    int step = 2 * keySize + 2 * wide;
    Module all = input("in_proj_qkvz", "query_key_value_gate", channels() + output.columns(), in);
    TensorSpec controls = control("in_proj_ba", 2 * valueHeads);
    return net(
        List.of(all),
        new DeltaNet.Parts(
            new Rows(all.weight(), 0, step),
            new Rows(all.weight(), keySize, step),
            new Rows(all.weight(), 2 * keySize, step),
            new Rows(all.weight(), 2 * keySize + wide, step),
            new Rows(controls, 0, 2 * share),
            new Rows(controls, share, 2 * share)),
        output);
  }

  private int channels() {
    return 2 * keyHeads * keySize + valueHeads * valueSize;
  }

  private Module input(String name, String part, int rows, Site site) {
    return model.module(
        "linear_attn." + name,
        part,
        "",
        rows,
        false,
        site,
        Basis.STREAM,
        Basis.FIXED,
        LossMetric.UNKNOWN);
  }

  private TensorSpec control(String name, int rows) {
    List<Integer> shape = List.of(rows, model.sizes().hidden());
    return model.outsideModules(block, "linear_attn." + name + ".weight", "delta_control", shape);
  }

  private TensorSpec vector(String name, String part, int length) {
    return model.outsideModules(block, "linear_attn." + name, part, List.of(length));
  }

  private DeltaNet net(List<Module> inputs, DeltaNet.Parts rows, Module output) {
    TensorSpec gains = vector("norm.weight", "delta_norm", valueSize);
    return new DeltaNet(
        keyHeads,
        valueHeads,
        keySize,
        valueSize,
        inputs,
        rows,
        model.outsideModules(
            block, "linear_attn.conv1d.weight", "convolution", List.of(channels(), 1, width)),
        vector("A_log", "delta_rate", valueHeads),
        vector("dt_bias", "delta_shift", valueHeads),
        // Its gains are the weights, whatever those of other norms are.
        new Norm(Norm.Kind.RMS, gains, false, model.sizes().normEpsilon()),
        output);
  }
}
