package io.tritmill.kernels.model.forward;

import io.tritmill.kernels.model.Parallel;
import io.tritmill.kernels.simd.Gemm;
import java.util.Arrays;

/** Runs operators side by side and adds what they make. */
final class ParallelPass implements OperatorPass<Parallel> {
  private final OperatorPasses passes;
  private final int hidden;
  private float[] inputs = {}; // (tokens, hidden): normed for one branch
  private float[] results = {}; // (tokens, hidden): of one branch

  ParallelPass(OperatorPasses passes, int hidden) {
    this.passes = passes;
    this.hidden = hidden;
  }

  @Override
  public boolean run(Parallel operator, Slab slab, float[] x, float[] y) {
    int values = Math.multiplyExact(slab.tokens(), hidden);
    if (results.length < values) {
      inputs = new float[values];
      results = new float[values];
    }
    Arrays.fill(y, 0, values, 0);
    for (Parallel.Branch branch : operator.branches()) {
      float[] normed = x;
      if (branch.before() != null) {
        slab.weights().normalize(branch.before(), slab.tokens(), x, inputs);
        normed = inputs;
      }
      if (!passes.run(branch.operator(), slab, normed, results)) {
        return false;
      }
      if (branch.after() != null) {
        slab.weights().normalize(branch.after(), slab.tokens(), results, results);
      }
      if (branch.gate() != null) {
        gate(branch, slab, x);
      }
      for (int i = 0; i < values; i++) {
        y[i] += results[i];
      }
    }
    return true;
  }

  /** results = results * sigmoid(gate x), a factor for each token. */
  private void gate(Parallel.Branch branch, Slab slab, float[] x) {
    float[] logits = new float[slab.tokens()];
    Gemm.multiplyTransposed(slab.tokens(), x, slab.weights().matrix(branch.gate()), logits);
    for (int t = 0; t < slab.tokens(); t++) {
      float factor = (float) (1 / (1 + Math.exp(-logits[t])));
      for (int c = t * hidden; c < (t + 1) * hidden; c++) {
        results[c] *= factor;
      }
    }
  }
}
