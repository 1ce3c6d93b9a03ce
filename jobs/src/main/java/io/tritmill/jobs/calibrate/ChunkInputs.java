package io.tritmill.jobs.calibrate;

import io.tritmill.kernels.model.LossMetric;
import io.tritmill.kernels.model.Site;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;

/**
 * What the tokens of one chunk bring to the sites of a stage, as files of floats, a row a token.
 * Sums are made of them strip by strip, by as many tasks as there are cores.
 *
 * @param chunk index of the chunk
 * @param heldOut whether its tokens were set aside
 * @param rows which tokens came to which site
 * @param inputs of the compressed model; empty where nothing is summed
 * @param clean inputs of the full-precision model; empty where no sum compares the two
 * @param residual the clean residual stream less the compressed one; empty where no sum asks
 * @param weights of the tokens, one file for each least weight but 1
 * @param derivatives of gate and up, a row for each of {@code products} tokens; null without output
 *     metrics of them
 * @param heads sums for the metrics of query and key, which are small; empty without them
 */
record ChunkInputs(
    int chunk,
    boolean heldOut,
    StageRows rows,
    String inputs,
    String clean,
    String residual,
    TreeMap<Double, String> weights,
    Derivatives derivatives,
    String heads)
    implements Serializable {
  private static final long serialVersionUID = 1L;

  /** Files of the derivatives of a feed-forward module, and how many rows they have. */
  record Derivatives(int products, String byGate, String byUp) implements Serializable {
    private static final long serialVersionUID = 1L;

    String of(LossMetric metric) {
      return metric == LossMetric.GATE ? byGate : byUp;
    }
  }

  /** A chunk that only moves on. */
  static ChunkInputs none(CalibrationChunk chunk) {
    return new ChunkInputs(
        chunk.index(),
        chunk.heldOut(),
        StageRows.all(chunk.tokens()),
        "",
        "",
        "",
        new TreeMap<>(),
        null,
        "");
  }

  /** Tokens that came to a site. */
  int tokens(Site site) {
    return rows.count(site);
  }

  /** All files. */
  List<String> files() {
    List<String> files = new ArrayList<>(List.of(inputs, clean, residual, heads));
    files.addAll(weights.values());
    if (derivatives != null) {
      files.add(derivatives.byGate());
      files.add(derivatives.byUp());
    }
    files.removeIf(String::isEmpty);
    return files;
  }
}
