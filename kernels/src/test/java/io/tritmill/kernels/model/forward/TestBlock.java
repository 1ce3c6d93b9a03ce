package io.tritmill.kernels.model.forward;

import io.tritmill.kernels.model.Activation;
import io.tritmill.kernels.model.Architecture;
import io.tritmill.kernels.model.Attention;
import io.tritmill.kernels.model.Basis;
import io.tritmill.kernels.model.FeedForward;
import io.tritmill.kernels.model.LossMetric;
import io.tritmill.kernels.model.Module;
import io.tritmill.kernels.model.Norm;
import io.tritmill.kernels.model.Rope;
import io.tritmill.kernels.model.Site;
import io.tritmill.kernels.model.Sublayer;
import io.tritmill.kernels.model.TensorSpec;
import java.util.List;
import java.util.Set;

/** A model of one block, wired as Llama's, of any sizes. */
public record TestBlock(
    int vocabulary,
    int hidden,
    int intermediate,
    int heads,
    int keyValueHeads,
    int headSize,
    float normEpsilon,
    double theta,
    Rope.Scaling scaling,
    Set<Part> biased,
    int slidingWindow) {

  /** The linear modules that there are. */
  public enum Part {
    QUERY,
    KEY,
    VALUE,
    OUTPUT,
    GATE,
    UP,
    DOWN
  }

  /** A model that is asked for its end alone. */
  public static TestBlock head(int vocabulary, int hidden, float normEpsilon) {
    return new TestBlock(
        vocabulary, hidden, 1, 1, 1, 2, normEpsilon, 10_000, new Rope.None(), Set.of(), 0);
  }

  Rope rope() {
    return new Rope(theta, scaling, headSize);
  }

  Site attentionSite() {
    return Site.ofAll(0, 0, 0, 0, "attention", hidden);
  }

  public Site outputSite() {
    return Site.ofAll(1, 1, 0, 0, "output", heads * headSize);
  }

  public Site feedForwardSite() {
    return Site.ofAll(2, 2, 1, 0, "feed_forward", hidden);
  }

  Site downSite() {
    return Site.ofAll(3, 3, 1, 0, "down", intermediate);
  }

  public Attention attention() {
    int queries = heads * headSize;
    int keys = keyValueHeads * headSize;
    return new Attention(
        heads,
        keyValueHeads,
        headSize,
        1 / Math.sqrt(headSize),
        slidingWindow,
        rope(),
        null,
        0,
        Attention.InnerNorms.NONE,
        null,
        false,
        module(Part.QUERY, queries, attentionSite()),
        module(Part.KEY, keys, attentionSite()),
        module(Part.VALUE, keys, attentionSite()),
        module(Part.OUTPUT, hidden, outputSite()));
  }

  public FeedForward feedForward() {
    return new FeedForward(
        Activation.SILU,
        0,
        List.of(),
        module(Part.GATE, intermediate, feedForwardSite()),
        module(Part.UP, intermediate, feedForwardSite()),
        null,
        module(Part.DOWN, hidden, downSite()));
  }

  private Module module(Part part, int rows, Site site) {
    return new Module(
        new TensorSpec(part + ".weight", "", "", List.of(rows, site.width())),
        0,
        rows,
        biased.contains(part) ? new TensorSpec(part + ".bias", "", "", List.of(rows)) : null,
        site,
        Basis.FIXED,
        Basis.FIXED,
        LossMetric.UNKNOWN);
  }

  private Norm norm(String name) {
    return new Norm(
        Norm.Kind.RMS, new TensorSpec(name, "", "", List.of(hidden)), false, normEpsilon);
  }

  Sublayer first() {
    return new Sublayer(0, 0, norm("attention norm"), attention(), null, 1, null);
  }

  Sublayer second() {
    return new Sublayer(1, 0, norm("feed-forward norm"), feedForward(), null, 1, null);
  }

  public Architecture architecture() {
    TensorSpec embedding = new TensorSpec("embedding", "", "", List.of(vocabulary, hidden));
    return new Architecture(
        "llama",
        vocabulary,
        hidden,
        2048,
        -1,
        embedding,
        1,
        List.of(first(), second()),
        norm("final norm"),
        embedding,
        1,
        0);
  }
}
