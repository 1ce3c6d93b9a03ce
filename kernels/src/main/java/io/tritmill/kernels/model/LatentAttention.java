package io.tritmill.kernels.model;

import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Causal attention whose keys and values are made from one short latent (arXiv:2405.04434, section
 * 2.1).
 *
 * <pre>
 * n  elements of queries and keys without position     A  heads, of queries as of keys and values
 * r  elements with it, one vector of keys for all      c  latent of keys and values
 * v  elements of values                                d  latent of queries
 * </pre>
 *
 * @param heads A
 * @param plainSize n
 * @param valueSize v
 * @param scale factor of the scores, mostly 1 / sqrt(n + r)
 * @param rope of r elements
 * @param queryDown (d, hidden); null where queries are made from the input
 * @param queryNorm of latents of queries; null where queryDown is
 * @param queryUp (A (n + r), d), or (A (n + r), hidden) without queryDown: of each head n rows,
 *     then r
 * @param keyValueDown (c + r, hidden): c rows of the latent, then r of the rotated key
 * @param keyValueNorm of latents of keys and values
 * @param keyValueUp (A (n + v), c): of each head n rows of the key, then v of the value
 * @param output (hidden, A v)
 */
public record LatentAttention(
    int heads,
    int plainSize,
    int valueSize,
    double scale,
    Rope rope,
    Module queryDown,
    Norm queryNorm,
    Module queryUp,
    Module keyValueDown,
    Norm keyValueNorm,
    Module keyValueUp,
    Module output)
    implements Operator {
  private static final long serialVersionUID = 1L;

  /** Width of a head of queries and keys, n + r. */
  public int querySize() {
    return plainSize + rope.size();
  }

  /** Width of the latent of keys and values, c. */
  public int latent() {
    return keyValueUp.columns();
  }

  @Override
  public List<Module> modules() {
    return queryDown == null
        ? List.of(queryUp, keyValueDown, keyValueUp, output)
        : List.of(queryDown, keyValueDown, queryUp, keyValueUp, output);
  }

  @Override
  public List<TensorSpec> others() {
    return norms().stream().map(Norm::weight).toList();
  }

  @Override
  public List<Norm> norms() {
    return Stream.of(queryNorm, keyValueNorm).filter(Objects::nonNull).toList();
  }

  @Override
  public Optional<Module> last() {
    return Optional.of(output);
  }

  @Override
  public boolean attends() {
    return true;
  }
}
