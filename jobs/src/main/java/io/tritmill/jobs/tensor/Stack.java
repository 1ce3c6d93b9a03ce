package io.tritmill.jobs.tensor;

import io.tritmill.jobs.failure.BadInputException;
import io.tritmill.jobs.failure.Printable;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.IntStream;

/**
 * A tensor of three dimensions that holds the matrices of several experts, one after the other;
 * each is read as a tensor of its own, {@code NAME[0]}, {@code NAME[1]} and so on.
 *
 * @param tensor the whole, (matrices, rows, columns) as it is stored
 * @param inputsFirst whether a stored matrix has its inputs first; its rows are turned when it is
 *     read
 */
public record Stack(TensorInfo tensor, boolean inputsFirst) {
  /** More experts than any model has. */
  static final int MOST_MATRICES = 65_536;

  private static final Pattern INDEX = Pattern.compile("0|[1-9]\\d{0,8}");

  /**
   * Checks the number of matrices before any of them is made.
   *
   * @throws BadInputException if there are more than any model has
   */
  public Stack {
    if (tensor.shape().getFirst() > MOST_MATRICES) {
      throw BadInputException.broken(
          "%s: tensor %s has shape %s, expected at most %d matrices in a tensor; is its shape right?",
          tensor.file(), Printable.of(tensor.name()), tensor.shape(), MOST_MATRICES);
    }
  }

  /** Whether a tensor has the shape and the type of one. */
  public static boolean is(TensorInfo tensor) {
    return tensor.shape().size() == 3 && tensor.elements() > 0 && tensor.encoding().isPresent();
  }

  /** What a matrix of a stacked tensor is called. */
  public static String name(String stack, int index) {
    return stack + "[" + index + "]";
  }

  /** The name of the stacked tensor that a matrix of this name is of; empty where it is of none. */
  public static String nameOf(String matrix) {
    if (!matrix.endsWith("]")) {
      return "";
    }
    int at = matrix.lastIndexOf('[');
    String index = at > 0 ? matrix.substring(at + 1, matrix.length() - 1) : "";
    return INDEX.matcher(index).matches() ? matrix.substring(0, at) : "";
  }

  /** Which matrix of its stack a name is that has one. */
  public static int index(String matrix) {
    return Integer.parseInt(matrix.substring(matrix.lastIndexOf('[') + 1, matrix.length() - 1));
  }

  /** How many matrices there are. */
  public int matrices() {
    return Math.toIntExact(tensor.shape().getFirst());
  }

  /** Matrix {@code index}, (outputs, inputs). */
  public TensorInfo matrix(int index) {
    long first = tensor.shape().get(1);
    long second = tensor.shape().get(2);
    long bytes = tensor.bytes() / matrices();
    Dress dress = inputsFirst ? Transposed.INPUTS_FIRST : tensor.dress().ofMatrix(tensor, index);
    return new TensorInfo(
        name(tensor.name(), index),
        tensor.dtype(),
        inputsFirst ? List.of(second, first) : List.of(first, second),
        tensor.file(),
        tensor.offset() + index * bytes,
        bytes,
        new StackedMatrix(tensor, index, dress, false));
  }

  /** All of them, in order. */
  public List<TensorInfo> all() {
    return IntStream.range(0, matrices()).mapToObj(this::matrix).toList();
  }
}
