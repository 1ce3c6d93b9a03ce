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
 *
 * <p>A sequence that is gone on with keeps latents and rotated keys, as they are. Where few tokens
 * meet many positions, {@link LatentProducts} attends to the latents themselves.
 */
final class LatentAttentionPass implements OperatorPass<LatentAttention> {
  private final RotaryEmbeddings rotary;
  private final HeadTiles tiles = new HeadTiles();
  private final LatentProducts products = new LatentProducts(tiles);
  private float[] queryLatent = {}; // (tokens, d)
  private float[] joint = {}; // (tokens, c + r): latent and rotated key
  private float[] latent = {}; // (tokens seen, c), normed
  private float[] query = {}; // (tokens, heads at a time, n + r)
  private float[] keyValue = {}; // (tokens seen, heads at a time, n + v)
  private float[] key = {}; // (tokens that a sequence sees, heads at a time, n + r)
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
    float[] queryInputs = operator.queryDown() == null ? x : queryLatent;
    PastRows seen = slab.state() == null ? null : slab.state().of(operator);
    if (seen != null && LatentProducts.pays(operator, tokens, seen.positions())) {
      Heads all = new Heads(operator, 0, operator.heads());
      query(all, slab, queryInputs, seen.positions() - tokens);
      products.attend(operator, slab.weights(), tokens, query, seen, result);
    } else {
      attend(
          operator,
          slab,
          queryInputs,
          seen == null ? whole(operator, slab) : past(operator, seen, tokens));
    }
    if (slab.stopsAt(operator.output().site(), tokens, result)) {
      return false;
    }
    slab.weights().linear(operator.output()).apply(tokens, result, y);
    return true;
  }

  /**
   * What queries look at.
   *
   * @param rows of {@code latent}
   * @param past rows before those of the slab
   * @param keys an array that has the rotated key of each row
   * @param keyAt where that of the first row begins
   * @param keyStride from one to the next
   */
  private record Seen(int rows, int past, float[] keys, int keyAt, int keyStride) {}

  private void attend(LatentAttention operator, Slab slab, float[] queryInputs, Seen seen) {
    int most = headsAtATime(operator, slab, seen);
    for (int head = 0; head < operator.heads(); head += most) {
      int count = Math.min(most, operator.heads() - head);
      run(new Heads(operator, head, count), slab, queryInputs, seen);
    }
  }

  private Seen whole(LatentAttention module, Slab slab) {
    return new Seen(slab.tokens(), 0, joint, module.latent(), module.keyValueDown().rows());
  }

  private Seen past(LatentAttention module, PastRows seen, int tokens) {
    int width = module.latent();
    int rows = seen.positions();
    latent = reserve(latent, rows, width);
    for (int t = 0; t < rows; t++) {
      System.arraycopy(seen.values(), seen.at(t), latent, t * width, width);
    }
    return new Seen(
        rows, rows - tokens, seen.values(), seen.at(0) + width, module.keyValueDown().rows());
  }

  /** All, but of one long sequence; taps see a sequence from its first head on. */
  private static int headsAtATime(LatentAttention module, Slab slab, Seen seen) {
    long most = (long) module.heads() * ForwardPass.SLAB / seen.rows();
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
    int past = slab.state() == null ? 0 : slab.state().of(module).positions();
    int first = 0;
    for (int length : slab.lengths()) {
      rotary
          .of(module.rope(), stride, slab.wholeLength(length))
          .rotate(past, length, 1, joint, first * stride + width);
      first += length;
    }
    if (slab.stopsAt(module.keyValueUp().site(), tokens, latent)) {
      return true;
    }
    if (slab.state() != null) {
      for (int t = 0; t < tokens; t++) {
        System.arraycopy(latent, t * width, joint, t * stride, width);
      }
      slab.state().of(module).add(tokens, joint, 0);
    }
    return false;
  }

  /** The rotated queries of some heads. */
  private void query(Heads heads, Slab slab, float[] inputs, int past) {
    LatentAttention module = heads.module();
    int size = module.querySize();
    int count = heads.count();
    query = reserve(query, slab.tokens(), count * size);
    heads.rows(slab.weights(), module.queryUp(), size).apply(slab.tokens(), inputs, query);
    int first = 0;
    for (int length : slab.lengths()) {
      rotary
          .of(module.rope(), size, slab.wholeLength(length))
          .rotate(past, length, count, query, first * count * size + module.plainSize());
      first += length;
    }
  }

  private void run(Heads heads, Slab slab, float[] queryInputs, Seen seen) {
    LatentAttention module = heads.module();
    query(heads, slab, queryInputs, seen.past());
    keyValue = reserve(keyValue, seen.rows(), heads.expanded());
    heads
        .rows(slab.weights(), module.keyValueUp(), module.plainSize() + module.valueSize())
        .apply(seen.rows(), latent, keyValue);
    int first = 0;
    for (int length : slab.lengths()) {
      attend(heads, first, length, seen, slab.taps());
      first += length;
    }
  }

  /** One sequence, whose first token is a row of the slab. */
  private void attend(Heads heads, int first, int length, Seen seen, Taps taps) {
    LatentAttention module = heads.module();
    int count = heads.count();
    int plain = module.plainSize();
    int size = module.querySize();
    int value = module.valueSize();
    int queryAt = first * count * size;
    expandKeys(heads, first, seen.past() + length, seen);
    int valueAt = first * heads.expanded() + plain;
    int wide = module.heads() * value;
    tiles.attend(
        seen.past(),
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
  private void expandKeys(Heads heads, int first, int length, Seen seen) {
    LatentAttention module = heads.module();
    int plain = module.plainSize();
    int rotated = module.rope().size();
    key = reserve(key, length, heads.count() * module.querySize());
    int from = first * heads.expanded();
    int to = 0;
    for (int t = first; t < first + length; t++) {
      for (int head = 0; head < heads.count(); head++) {
        System.arraycopy(keyValue, from, key, to, plain);
        System.arraycopy(
            seen.keys(), seen.keyAt() + t * seen.keyStride(), key, to + plain, rotated);
        from += plain + module.valueSize();
        to += plain + rotated;
      }
    }
  }

  static float[] reserve(float[] array, int tokens, int width) {
    int size = Math.multiplyExact(tokens, width);
    return array.length < size ? new float[size] : array;
  }
}
