package io.tritmill.kernels.model.forward;

import io.tritmill.kernels.model.Basis;
import io.tritmill.kernels.model.DeltaNet;
import io.tritmill.kernels.model.DeltaNet.Rows;
import io.tritmill.kernels.model.LossMetric;
import io.tritmill.kernels.model.Module;
import io.tritmill.kernels.model.Norm;
import io.tritmill.kernels.model.Site;
import io.tritmill.kernels.model.TensorSpec;
import io.tritmill.kernels.tensor.Matrix;
import io.tritmill.kernels.tensor.WeightRows;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/**
 * A delta-net of any sizes and random weights.
 *
 * @param byKeyHead whether all rows of a key head lie together, in one tensor
 */
public record TestDeltaNet(
    int hidden,
    int keyHeads,
    int valueHeads,
    int keySize,
    int valueSize,
    int width,
    boolean byKeyHead) {
  static final float EPSILON = 1e-6f;

  Site in() {
    return Site.ofAll(0, 0, 0, 0, "delta_net", hidden);
  }

  Site out() {
    return Site.ofAll(1, 1, 0, 0, "output", valueHeads * valueSize);
  }

  public DeltaNet operator() {
    int keys = keyHeads * keySize;
    int values = valueHeads * valueSize;
    int share = valueHeads / keyHeads;
    int wide = share * valueSize;
    List<Module> inputs;
    DeltaNet.Parts parts;
    if (byKeyHead) {
      Module all = module("qkvz", 2 * keys + 2 * values, in());
      TensorSpec controls = matrix("ba", 2 * valueHeads);
      int step = 2 * keySize + 2 * wide;
      inputs = List.of(all);
      parts =
          new DeltaNet.Parts(
              new Rows(all.weight(), 0, step),
              new Rows(all.weight(), keySize, step),
              new Rows(all.weight(), 2 * keySize, step),
              new Rows(all.weight(), 2 * keySize + wide, step),
              new Rows(controls, 0, 2 * share),
              new Rows(controls, share, 2 * share));
    } else {
      Module mixed = module("qkv", 2 * keys + values, in());
      Module gate = module("z", values, in());
      inputs = List.of(mixed, gate);
      parts =
          new DeltaNet.Parts(
              new Rows(mixed.weight(), 0, keySize),
              new Rows(mixed.weight(), keys, keySize),
              new Rows(mixed.weight(), 2 * keys, wide),
              new Rows(gate.weight(), 0, wide),
              new Rows(matrix("b", valueHeads), 0, share),
              new Rows(matrix("a", valueHeads), 0, share));
    }
    return new DeltaNet(
        keyHeads,
        valueHeads,
        keySize,
        valueSize,
        inputs,
        parts,
        new TensorSpec("convolution", "", "", List.of(2 * keys + values, 1, width)),
        vector("rate", valueHeads),
        vector("shift", valueHeads),
        new Norm(Norm.Kind.RMS, vector("norm", valueSize), false, EPSILON),
        module("out", hidden, out()));
  }

  private Module module(String name, int rows, Site site) {
    TensorSpec weight = new TensorSpec(name, "", "", List.of(rows, site.width()));
    return new Module(weight, 0, rows, null, site, Basis.FIXED, Basis.FIXED, LossMetric.UNKNOWN);
  }

  private TensorSpec matrix(String name, int rows) {
    return new TensorSpec(name, "", "", List.of(rows, hidden));
  }

  private static TensorSpec vector(String name, int length) {
    return new TensorSpec(name, "", "", List.of(length));
  }

  SublayerWeights weights(Random random) {
    Map<String, WeightRows> matrices = new HashMap<>();
    Map<String, float[]> vectors = new HashMap<>();
    for (TensorSpec spec : operator().tensors()) {
      if (spec.vector()) {
        vectors.put(spec.name(), RandomModel.gains(random, spec.rows()));
      } else {
        float[] values =
            RandomModel.gaussian(
                random, spec.rows() * spec.columns(), 1.5 / Math.sqrt(spec.columns()));
        matrices.put(spec.name(), new Matrix(spec.rows(), spec.columns(), values));
      }
    }
    return new SublayerWeights(matrices, vectors);
  }
}
