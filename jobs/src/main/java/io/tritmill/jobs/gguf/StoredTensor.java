package io.tritmill.jobs.gguf;

import java.io.Serializable;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;

/**
 * A tensor of a GGUF file, and what it is made of.
 *
 * @param name ggml's
 * @param shape outermost dimension first
 * @param single whether ggml must have it in single precision: norms, biases, routers, all vectors
 */
public record StoredTensor(String name, List<Long> shape, boolean single, Content content)
    implements Serializable {
  private static final long serialVersionUID = 1L;

  public StoredTensor {
    shape = List.copyOf(shape);
  }

  /** One whose name and shape tell whether it must be in single precision. */
  public static StoredTensor of(String name, List<Long> shape, Content content) {
    boolean single =
        shape.size() <= 1
            || !name.endsWith(".weight")
            || name.endsWith("_norm.weight")
            || name.contains(".ffn_gate_inp")
            || name.contains(".ssm_conv1d.");
    return new StoredTensor(name, shape, single, content);
  }

  /** One that has the rows of a matrix in another order, or the elements of a vector. */
  public static StoredTensor ordered(
      String name, List<Long> shape, FamilyTensor source, RowOrder order) {
    return source.shape().size() < 2
        ? elements(name, shape, source, order)
        : of(name, shape, new Rows(List.of(source.name()), order));
  }

  /** One that has elements of a small tensor, in the order of rows of one each. */
  public static StoredTensor elements(
      String name, List<Long> shape, FamilyTensor source, RowOrder order) {
    int count = Math.toIntExact(shape.stream().reduce(1L, Math::multiplyExact));
    return of(name, shape, Values.of(source.name(), all -> order.picked(all, count)));
  }

  /** What it is made of. */
  public sealed interface Content extends Serializable {
    /** The family's tensors that are read, by the names of the checkpoint. */
    List<String> sources();
  }

  /**
   * Every row is a row of a family's tensor, untouched.
   *
   * @param order which row of which source
   */
  public record Rows(List<String> sources, RowOrder order) implements Content {
    private static final long serialVersionUID = 1L;

    public Rows {
      sources = List.copyOf(sources);
    }

    /** The rows of one tensor as they are. */
    public static Rows of(String source) {
      return new Rows(List.of(source), RowOrder.AS_IS);
    }
  }

  /**
   * Values are made of those of whole tensors.
   *
   * @param making gives all elements of all elements of each source
   */
  public record Values(List<String> sources, Making making) implements Content {
    private static final long serialVersionUID = 1L;

    public Values {
      sources = List.copyOf(sources);
    }

    /** Of one tensor. */
    public static Values of(String source, One making) {
      return new Values(List.of(source), all -> making.apply(all.getFirst()));
    }
  }

  /** Makes values of those of several tensors. */
  @FunctionalInterface
  public interface Making extends Function<List<float[]>, float[]>, Serializable {}

  /** Makes values of those of one tensor. */
  @FunctionalInterface
  public interface One extends Function<float[], float[]>, Serializable {}

  /**
   * Every row has the elements of the same row of one tensor, by units in another order: who has
   * codes of a row in groups that lie within units need not compute them.
   *
   * @param order of the units of a row
   * @param size elements of a unit
   */
  public record Columns(RowOrder order, int size) implements Making {
    private static final long serialVersionUID = 1L;

    @Override
    public float[] apply(List<float[]> sources) {
      float[] values = sources.getFirst();
      int units = Math.toIntExact(order.rows());
      float[] ordered = new float[values.length];
      for (int unit = 0; unit < values.length / size; unit++) {
        int first = unit / units * units;
        int from = first + (int) order.row(unit - first);
        System.arraycopy(values, from * size, ordered, unit * size, size);
      }
      return ordered;
    }
  }

  /** Numbers that no tensor of the family has. */
  public record Given(float[] values) implements Content {
    private static final long serialVersionUID = 1L;

    public Given {
      values = values.clone();
    }

    @Override
    public float[] values() {
      return values.clone();
    }

    @Override
    public List<String> sources() {
      return List.of();
    }

    @Override
    public boolean equals(Object other) {
      return other instanceof Given given && Arrays.equals(values, given.values);
    }

    @Override
    public int hashCode() {
      return Arrays.hashCode(values);
    }
  }
}
