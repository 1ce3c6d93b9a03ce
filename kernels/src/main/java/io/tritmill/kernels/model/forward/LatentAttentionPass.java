package io.tritmill.kernels.model.forward;

import io.tritmill.kernels.model.LatentAttention;
import io.tritmill.kernels.model.Module;
import io.tritmill.kernels.model.function.RotaryEmbeddings;
import io.tritmill.kernels.model.function.SoftMax;

/**
 * Runs attention with latent keys and values: expands them, then attends as others do. Letters as
 * in {@link LatentAttention}.
 *
 * <p>Expanded, a token takes A (3n + 2r + v) floats, a hundred times as much as its latent in the
 * published models. A sequence longer than a usual slab is therefore expanded a few heads at a
 * time, so many that they take no more than all heads of a slab. No bit depends on that.
 */
final class LatentAttentionPass implements OperatorPass<LatentAttention> {
  private final RotaryEmbeddings rotary;
  private final HeadTiles tiles = new HeadTiles();
  private float[] queryLatent = {}; // (tokens, d)
  private float[] joint = {}; // (tokens, c + r): latent and rotated key
  private float[] latent = {}; // (tokens, c), normed
  private float[] query = {}; // (tokens, heads at a time, n + r)
  private float[] keyValue = {}; // (tokens, heads at a time, n + v)
  private float[] key = {}; // (tokens of a sequence, heads at a time, n + r)
  private float[] result = {}; // (tokens, A, v)

  /**
   * Some heads while they run.
   *
   * @param first the first of them
   * @param count how many there are
   */
  private record Heads(LatentAttention module, int first, int count) {
    /** Elements of a token that keyValue holds. */
    int expanded() {
      return count * (module.plainSize() + module.valueSize());
    }

    /** The rows of a module that are theirs, of so many for each head. */
    Linear rows(SublayerWeights weights, Module of, int each) {
      Linear all = weights.linear(of);
      return count == module.heads()
          ? all
          : Linear.ofRows(all.weight(), all.bias(), first * each, count * each);
    }
  }

  LatentAttentionPass(RotaryEmbeddings rotary) {
    this.rotary = rotary;
  }

  @Override
  public boolean run(LatentAttention operator, Slab slab, float[] x, float[] y) {
    int tokens = slab.tokens();
    if (slab.stopsAt(operator.keyValueDown().site(), tokens, x)
        || stopsAtQueries(operator, slab, x)
        || stopsAtLatents(operator, slab, x)) {
      return false;
    }
    result = reserve(result, tokens, operator.output().columns());
    int most = headsAtATime(operator, slab);
    for (int head = 0; head < operator.heads(); head += most) {
      int count = Math.min(most, operator.heads() - head);
      run(new Heads(operator, head, count), slab, operator.queryDown() == null ? x : queryLatent);
    }
    if (slab.stopsAt(operator.output().site(), tokens, result)) {
      return false;
    }
    slab.weights().linear(operator.output()).apply(tokens, result, y);
    return true;
  }

  /** All, but of one long sequence; taps see a sequence from its first head on. */
  private static int headsAtATime(LatentAttention module, Slab slab) {
    long most = (long) module.heads() * ForwardPass.SLAB / slab.tokens();
    return slab.lengths().length > 1 ? module.heads() : Math.clamp(most, 1, module.heads());
  }

  private boolean stopsAtQueries(LatentAttention module, Slab slab, float[] x) {
    if (module.queryDown() == null) {
      return false;
    }
    int tokens = slab.tokens();
    queryLatent = reserve(queryLatent, tokens, module.queryDown().rows());
    slab.weights().linear(module.queryDown()).apply(tokens, x, queryLatent);
    slab.weights().normalize(module.queryNorm(), tokens, queryLatent, queryLatent);
    return slab.stopsAt(module.queryUp().site(), tokens, queryLatent);
  }

  private boolean stopsAtLatents(LatentAttention module, Slab slab, float[] x) {
    int tokens = slab.tokens();
    int width = module.latent();
    int stride = module.keyValueDown().rows();
    joint = reserve(joint, tokens, stride);
    slab.weights().linear(module.keyValueDown()).apply(tokens, x, joint);
    latent = reserve(latent, tokens, width);
    for (int t = 0; t < tokens; t++) {
      System.arraycopy(joint, t * stride, latent, t * width, width);
    }
    slab.weights().normalize(module.keyValueNorm(), tokens, latent, latent);
    int first = 0;
    for (int length : slab.lengths()) {
      rotary.of(module.rope(), stride, length).rotate(length, 1, joint, first * stride + width);
      first += length;
    }
    return slab.stopsAt(module.keyValueUp().site(), tokens, latent);
  }

  private void run(Heads heads, Slab slab, float[] queryInputs) {
    LatentAttention module = heads.module();
    int tokens = slab.tokens();
    query = reserve(query, tokens, heads.count() * module.querySize());
    heads
        .rows(slab.weights(), module.queryUp(), module.querySize())
        .apply(tokens, queryInputs, query);
    keyValue = reserve(keyValue, tokens, heads.expanded());
    heads
        .rows(slab.weights(), module.keyValueUp(), module.plainSize() + module.valueSize())
        .apply(tokens, latent, keyValue);
    int first = 0;
    for (int length : slab.lengths()) {
      attend(heads, first, length, slab.taps());
      first += length;
    }
  }

  /** One sequence, whose first token is a row of the slab. */
  private void attend(Heads heads, int first, int length, Taps taps) {
    LatentAttention module = heads.module();
    int count = heads.count();
    int plain = module.plainSize();
    int size = module.querySize();
    int value = module.valueSize();
    int queryAt = first * count * size;
    rotary.of(module.rope(), size, length).rotate(length, count, query, queryAt + plain);
    expandKeys(heads, first, length);
    int valueAt = first * heads.expanded() + plain;
    int wide = module.heads() * value;
    tiles.attend(
        length,
        0,
        heads.first(),
        new SoftMax(module.scale(), 0, new float[0]),
        HeadRows.packed(query, queryAt, count, size),
        HeadRows.packed(key, 0, count, size),
        new HeadRows(keyValue, valueAt, heads.expanded(), plain + value, count, value),
        new HeadRows(result, first * wide + heads.first() * value, wide, value, count, value),
        taps);
  }

  /** Each head's key: n elements of its own, then the r that all share. */
  private void expandKeys(Heads heads, int first, int length) {
    LatentAttention module = heads.module();
    int plain = module.plainSize();
    int rotated = module.rope().size();
    int joined = module.keyValueDown().rows();
    key = reserve(key, length, heads.count() * module.querySize());
    int from = first * heads.expanded();
    int to = 0;
    for (int t = first; t < first + length; t++) {
      for (int head = 0; head < heads.count(); head++) {
        System.arraycopy(keyValue, from, key, to, plain);
        System.arraycopy(joint, t * joined + module.latent(), key, to + plain, rotated);
        from += plain + module.valueSize();
        to += plain + rotated;
      }
    }
  }

  private static float[] reserve(float[] array, int tokens, int width) {
    int size = Math.multiplyExact(tokens, width);
    return array.length < size ? new float[size] : array;
  }
}
