package io.tritmill.kernels.model.forward;

import io.tritmill.kernels.model.LatentAttention;

/**
 * Runs attention with latent keys and values: expands them for all heads, then attends as others
 * do. Letters as in {@link LatentAttention}.
 */
final class LatentAttentionPass implements OperatorPass<LatentAttention> {
  private final RotaryEmbeddings rotary;
  private final HeadTiles tiles = new HeadTiles();
  private float[] latent = {}; // (tokens, d), then (tokens, c)
  private float[] query = {}; // (tokens, A, n + r)
  private float[] joint = {}; // (tokens, c + r): latent and rotated key
  private float[] keyValue = {}; // (tokens, A, n + v)
  private float[] key = {}; // (tokens of a sequence, A, n + r)
  private float[] result = {}; // (tokens, A, v)

  LatentAttentionPass(RotaryEmbeddings rotary) {
    this.rotary = rotary;
  }

  @Override
  public boolean run(LatentAttention operator, Slab slab, float[] x, float[] y) {
    int tokens = slab.tokens();
    SublayerWeights weights = slab.weights();
    if (slab.stopsAt(operator.keyValueDown().site(), tokens, x)) {
      return false;
    }
    joint = reserve(joint, tokens, operator.keyValueDown().rows());
    weights.linear(operator.keyValueDown()).apply(tokens, x, joint);
    if (!queries(operator, slab, x) || !keysAndValues(operator, slab)) {
      return false;
    }
    result = reserve(result, tokens, operator.output().columns());
    int first = 0;
    for (int length : slab.lengths()) {
      attend(operator, first, length, slab.taps());
      first += length;
    }
    if (slab.stopsAt(operator.output().site(), tokens, result)) {
      return false;
    }
    weights.linear(operator.output()).apply(tokens, result, y);
    return true;
  }

  /** Fills query; false where it stopped before. */
  private boolean queries(LatentAttention module, Slab slab, float[] x) {
    int tokens = slab.tokens();
    SublayerWeights weights = slab.weights();
    float[] inputs = x;
    if (module.queryDown() != null) {
      latent = reserve(latent, tokens, module.queryDown().rows());
      weights.linear(module.queryDown()).apply(tokens, x, latent);
      weights.normalize(module.queryNorm(), tokens, latent, latent);
      if (slab.stopsAt(module.queryUp().site(), tokens, latent)) {
        return false;
      }
      inputs = latent;
    }
    query = reserve(query, tokens, module.queryUp().rows());
    weights.linear(module.queryUp()).apply(tokens, inputs, query);
    return true;
  }

  /** Fills keyValue; false where it stopped before. */
  private boolean keysAndValues(LatentAttention module, Slab slab) {
    int tokens = slab.tokens();
    int width = module.latent();
    int stride = module.keyValueDown().rows();
    latent = reserve(latent, tokens, width);
    for (int t = 0; t < tokens; t++) {
      System.arraycopy(joint, t * stride, latent, t * width, width);
    }
    slab.weights().normalize(module.keyValueNorm(), tokens, latent, latent);
    if (slab.stopsAt(module.keyValueUp().site(), tokens, latent)) {
      return false;
    }
    keyValue = reserve(keyValue, tokens, module.keyValueUp().rows());
    slab.weights().linear(module.keyValueUp()).apply(tokens, latent, keyValue);
    return true;
  }

  /** One sequence, whose first token is a row of the slab. */
  private void attend(LatentAttention module, int first, int length, Taps taps) {
    int heads = module.heads();
    int plain = module.plainSize();
    int size = module.querySize();
    int joined = module.keyValueDown().rows();
    int head = plain + module.valueSize();
    rotary
        .of(module.rope(), size, length)
        .rotate(length, heads, query, first * heads * size + plain);
    rotary
        .of(module.rope(), joined, length)
        .rotate(length, 1, joint, first * joined + module.latent());
    expandKeys(module, first, length);
    int expanded = first * heads * head;
    tiles.attend(
        length,
        0,
        new SoftMax(module.scale()),
        HeadRows.packed(query, first * heads * size, heads, size),
        HeadRows.packed(key, 0, heads, size),
        new HeadRows(keyValue, expanded + plain, heads * head, head, heads, module.valueSize()),
        HeadRows.packed(result, first * heads * module.valueSize(), heads, module.valueSize()),
        taps);
  }

  /** Each head's key: n elements of its own, then the r that all share. */
  private void expandKeys(LatentAttention module, int first, int length) {
    int plain = module.plainSize();
    int rotated = module.rope().size();
    int head = plain + module.valueSize();
    int joined = module.keyValueDown().rows();
    key = reserve(key, length, module.heads() * module.querySize());
    int to = 0;
    for (int t = first; t < first + length; t++) {
      for (int h = 0; h < module.heads(); h++) {
        System.arraycopy(keyValue, (t * module.heads() + h) * head, key, to, plain);
        System.arraycopy(joint, t * joined + module.latent(), key, to + plain, rotated);
        to += plain + rotated;
      }
    }
  }

  private static float[] reserve(float[] array, int tokens, int width) {
    int size = Math.multiplyExact(tokens, width);
    return array.length < size ? new float[size] : array;
  }
}
