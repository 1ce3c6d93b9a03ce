package io.tritmill.kernels.model.forward;

import io.tritmill.kernels.model.Architecture;
import io.tritmill.kernels.model.Attention;
import io.tritmill.kernels.model.DeltaNet;
import io.tritmill.kernels.model.Experts;
import io.tritmill.kernels.model.FeedForward;
import io.tritmill.kernels.model.LatentAttention;
import io.tritmill.kernels.model.Module;
import io.tritmill.kernels.model.Operator;
import io.tritmill.kernels.model.Parallel;
import io.tritmill.kernels.model.Sublayer;
import io.tritmill.kernels.model.TensorSpec;
import io.tritmill.kernels.model.function.DeltaRule;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * How many floats a {@link ForwardPass} holds at most, beside weights and the residual stream: what
 * is planned for before any weight is read.
 *
 * <p>Each kind of operator keeps the arrays of its largest, so that what kinds hold is added up. Of
 * a mixture any expert may meet all tokens.
 */
public final class ForwardScratch {
  /** Queries that {@code HeadTiles} scores at once. */
  private static final int TILE = 56;

  /** Rows of a matrix that a product decodes at once, and what it packs of both operands. */
  private static final int DECODED_ROWS = 1024;

  private static final long PACKED = 2L << 22;

  /** What the delta rule holds whether there is one or not. */
  private static final long DELTA_RULE = DeltaRule.CHUNK * (4L * DeltaRule.CHUNK + 1);

  private final int tokens;
  private final int longest;
  private final int hidden;
  private final Map<Class<?>, Long> held = new HashMap<>();

  private ForwardScratch(int tokens, int longest, int hidden) {
    this.tokens = tokens;
    this.longest = longest;
    this.hidden = hidden;
  }

  /**
   * The floats of a pass through all sublayers.
   *
   * @param tokens of all sequences that run at once
   * @param longest tokens of the longest of them
   */
  public static long floats(Architecture model, int tokens, int longest) {
    int slab = Math.max(Math.min(ForwardPass.SLAB, tokens), longest);
    ForwardScratch scratch = new ForwardScratch(tokens, longest, model.hidden());
    boolean gathers = false;
    for (Sublayer sublayer : model.sublayers()) {
      boolean all = OperatorPasses.gathers(sublayer.operator());
      gathers |= all;
      scratch.add(sublayer.operator(), all ? tokens : slab);
    }
    long stream = 2L * Math.max(gathers ? tokens : slab, ForwardPass.SLAB) * model.hidden();
    return DELTA_RULE + stream + scratch.held.values().stream().mapToLong(Long::longValue).sum();
  }

  /**
   * The floats that a thread keeps for products of matrices with so many columns at most.
   *
   * @param columns of the widest
   */
  public static long productFloats(int columns) {
    return (long) DECODED_ROWS * columns + PACKED;
  }

  private void add(Operator operator, int rows) {
    long floats =
        switch (operator) {
          case Attention one -> attention(one, rows);
          case LatentAttention one -> latentAttention(one, rows);
          case DeltaNet one -> deltaNet(one, rows);
          case FeedForward one -> feedForward(one, rows);
          case Experts one -> experts(one, rows);
          case Parallel one -> parallel(one, rows);
        };
    held.merge(operator.getClass(), floats, Math::max);
  }

  private long attention(Attention one, long rows) {
    long gated = one.gated() ? one.query().rows() : 0;
    long states = rows * (gated + one.output().columns() + 2L * one.key().rows());
    return states + scores() + tables(one.headSize());
  }

  private long scores() {
    return (long) TILE * longest;
  }

  /** Cosines and sines of positions, with and without a window's. */
  private long tables(int width) {
    return 2L * longest * width;
  }

  private long latentAttention(LatentAttention one, long rows) {
    long query = one.queryDown() == null ? 0 : one.queryDown().rows();
    long heads = (long) one.heads() * (2L * one.querySize() + one.plainSize() + one.valueSize());
    long latents = one.keyValueDown().rows() + one.latent();
    return rows * (query + latents + heads + one.output().columns())
        + scores()
        + tables(one.keyValueDown().rows());
  }

  /** A long sequence runs in pieces of a slab. */
  private long deltaNet(DeltaNet one, long rows) {
    long projected = 0;
    for (Module module : one.inputs()) {
      projected += module.rows();
    }
    for (TensorSpec control : one.controls()) {
      projected += control.rows();
    }
    long memory = (long) one.valueHeads() * one.keySize() * one.valueSize();
    long states = projected + one.channels() + 2L * one.valueHeads() + one.output().columns();
    return Math.min(rows, ForwardPass.SLAB) * states
        + (long) ForwardPass.SLAB * hidden
        + (long) DeltaRule.CHUNK * (one.keySize() + one.valueSize())
        + memory;
  }

  private long feedForward(FeedForward one, long rows) {
    long tile = rows > ForwardPass.SLAB ? (long) ForwardPass.SLAB * hidden : 0;
    return 2L * ForwardPass.SLAB * one.width() + 3L * one.width() + tile;
  }

  private long experts(Experts one, long rows) {
    for (FeedForward expert : one.experts().subList(0, 1)) {
      held.merge(FeedForward.class, feedForward(expert, rows), Math::max);
    }
    long chosen = 4L * one.router().chosen();
    return rows * (2L * hidden + one.router().experts() + chosen)
        + (one.norm() == null ? 0 : rows * hidden)
        + (one.router().norm() == null ? 0 : rows * hidden);
  }

  private long parallel(Parallel one, int rows) {
    List<Parallel.Branch> branches = one.branches();
    branches.forEach(branch -> add(branch.operator(), rows));
    return rows * (2L * hidden + 1);
  }
}
