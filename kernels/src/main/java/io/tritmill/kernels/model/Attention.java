package io.tritmill.kernels.model;

import java.io.Serializable;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Causal grouped-query attention (arXiv:1706.03762, arXiv:2305.13245).
 *
 * @param heads query heads
 * @param keyValueHeads key and value heads, a divisor of heads
 * @param headSize width of a head, even
 * @param scale factor of the scores, mostly 1 / sqrt(headSize)
 * @param window keys that a position sees, itself included (arXiv:2310.06825); 0 for all
 * @param rope rotary position embedding; null for none
 * @param temperature how queries grow with their position; null where they do not
 * @param softCap c in c tanh(score / c); 0 for none
 * @param innerNorms between the modules
 * @param sinks a score for each head that takes part in the soft-max and has no value; null for
 *     none
 * @param gated whether what output reads is multiplied by the logistic function of a gate for each
 *     of its elements, whose headSize rows lie in query's tensor below those of the head
 * @param query (heads * headSize, hidden); twice as many rows where it is gated
 * @param key (keyValueHeads * headSize, hidden)
 * @param value (keyValueHeads * headSize, hidden); null where values are what key makes, before
 *     norm and rotation
 * @param output (hidden, heads * headSize)
 */
public record Attention(
    int heads,
    int keyValueHeads,
    int headSize,
    double scale,
    int window,
    Rope rope,
    Temperature temperature,
    double softCap,
    InnerNorms innerNorms,
    TensorSpec sinks,
    boolean gated,
    Module query,
    Module key,
    Module value,
    Module output)
    implements Operator {
  private static final long serialVersionUID = 1L;

  /**
   * Norms between the modules; null for none.
   *
   * @param query of queries: of each head, or of all side by side where it is as wide
   * @param key of keys, likewise
   * @param rotated whether these two stand behind the rotation, not before it
   * @param value of the values of each head
   * @param result of the heads' results, side by side, which output reads
   */
  public record InnerNorms(Norm query, Norm key, boolean rotated, Norm value, Norm result)
      implements Serializable {
    private static final long serialVersionUID = 1L;

    /** There are none. */
    public static final InnerNorms NONE = new InnerNorms(null, null, false, null, null);

    List<Norm> all() {
      return Stream.of(query, key, value, result).filter(Objects::nonNull).toList();
    }
  }

  @Override
  public List<Module> modules() {
    return value == null ? List.of(query, key, output) : List.of(query, key, value, output);
  }

  @Override
  public List<TensorSpec> others() {
    Stream<TensorSpec> gains = norms().stream().map(Norm::weight).filter(Objects::nonNull);
    return Stream.concat(gains, Stream.ofNullable(sinks)).toList();
  }

  @Override
  public List<Norm> norms() {
    return innerNorms.all();
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
