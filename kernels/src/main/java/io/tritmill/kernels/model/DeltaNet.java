package io.tritmill.kernels.model;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * A gated delta-net (arXiv:2412.06464): each value head has a memory that decays, and in which
 * every token corrects what is kept under its key.
 *
 * <pre>
 * S  memory (keySize, valueSize)         q, k, v  query, key and value of a token
 * g  logarithm of the decay, below 0     b        strength of the correction, 0 to 1
 *
 * S = e^g S;  S = S + k b (v - S'k)';  result = S'q
 * g = -e^rate softplus(decay x + shift),  b = sigmoid(strength x)
 * </pre>
 *
 * Queries, keys and values first pass a causal convolution over the nearest tokens, each channel
 * its own, and SiLU; queries and keys have length 1 then, queries times 1 / sqrt(keySize). What
 * enters {@code output} is norm(result) * silu(gate x), the norm that of each head.
 *
 * <p>What makes decays and strengths is no module: it is a few rows, and an error of a decay is
 * multiplied into the memory at every token that follows.
 *
 * @param keyHeads heads of queries and keys
 * @param valueHeads heads of values, a multiple of keyHeads; as many value heads after another
 *     share a key head
 * @param keySize width of a key head
 * @param valueSize width of a value head
 * @param inputs what makes queries, keys, values and gates; modules that are all of their tensors
 * @param rows which of their rows are what
 * @param convolution (channels, 1, tokens), channels those of queries, keys and values of all
 *     heads; the last weight is that of the token itself
 * @param rate (valueHeads)
 * @param shift (valueHeads)
 * @param norm (valueSize)
 * @param output (hidden, valueHeads * valueSize)
 */
public record DeltaNet(
    int keyHeads,
    int valueHeads,
    int keySize,
    int valueSize,
    List<Module> inputs,
    Parts rows,
    TensorSpec convolution,
    TensorSpec rate,
    TensorSpec shift,
    Norm norm,
    Module output)
    implements Operator {
  private static final long serialVersionUID = 1L;

  /**
   * Some rows of a tensor that reads the input: those of key head h, and of the value heads that
   * share it, begin at {@code first + h * step}.
   */
  public record Rows(TensorSpec tensor, int first, int step) implements Serializable {
    private static final long serialVersionUID = 1L;
  }

  /**
   * Where each part lies.
   *
   * @param query keySize rows of a key head
   * @param key likewise
   * @param value valueSize rows of each value head
   * @param gate likewise
   * @param strength a row of each value head
   * @param decay likewise
   */
  public record Parts(Rows query, Rows key, Rows value, Rows gate, Rows strength, Rows decay)
      implements Serializable {
    private static final long serialVersionUID = 1L;
  }

  /**
   * Checks what config.json may have wrong.
   *
   * @throws IllegalArgumentException if value heads cannot share key heads evenly
   */
  public DeltaNet {
    if (valueHeads % keyHeads != 0) {
      throw new IllegalArgumentException(
          "%d value heads of a delta-net are no multiple of its %d key heads"
              .formatted(valueHeads, keyHeads));
    }
    inputs = List.copyOf(inputs);
  }

  /** Value heads that share a key head. */
  public int sharing() {
    return valueHeads / keyHeads;
  }

  /** Channels of queries, keys and values of all heads. */
  public int channels() {
    return 2 * keyHeads * keySize + valueHeads * valueSize;
  }

  /** What makes strengths and decays: one tensor, or one each. */
  public List<TensorSpec> controls() {
    return Stream.of(rows.strength().tensor(), rows.decay().tensor()).distinct().toList();
  }

  @Override
  public List<Module> modules() {
    List<Module> modules = new ArrayList<>(inputs);
    modules.add(output);
    return modules;
  }

  @Override
  public List<TensorSpec> others() {
    List<TensorSpec> others = new ArrayList<>(controls());
    others.addAll(List.of(convolution, rate, shift, norm.weight()));
    return others;
  }

  @Override
  public List<TensorSpec> readers() {
    return controls();
  }

  @Override
  public List<Norm> norms() {
    return List.of(norm);
  }

  @Override
  public Optional<Module> last() {
    return Optional.of(output);
  }
}
