package io.tritmill.jobs.checkpoint;

import io.tritmill.jobs.failure.Printable;
import io.tritmill.jobs.tensor.Dress;
import io.tritmill.jobs.tensor.TensorInfo;
import io.tritmill.kernels.tensor.DType;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Puts the quantized tensors of a checkpoint into the dress that they are read in: their scales are
 * a part of them and no tensors any more.
 *
 * <p>What lacks its scales stays as it is stored and makes a problem, which is told when the
 * weights are wanted: headers can be looked at all the same.
 */
final class Dressing {
  private static final String FLOAT8 = "F8_E4M3";

  private final Map<String, TensorInfo> stored;
  private final LinkedHashMap<String, TensorInfo> dressed;
  private final List<String> problems = new ArrayList<>();

  private Dressing(Map<String, TensorInfo> stored) {
    this.stored = stored;
    dressed = new LinkedHashMap<>(stored);
  }

  /** Dresses tensors, in their order. */
  static Dressing of(Map<String, TensorInfo> stored) {
    Dressing dressing = new Dressing(stored);
    stored.values().forEach(dressing::dress);
    return dressing;
  }

  /** The tensors by name, without those that are a part of another. */
  LinkedHashMap<String, TensorInfo> tensors() {
    return dressed;
  }

  /** A sentence for each tensor that cannot be read. */
  List<String> problems() {
    return problems;
  }

  private void dress(TensorInfo tensor) {
    if (tensor.dtype().equals(FLOAT8) && tensor.shape().size() == 2 && tensor.elements() > 0) {
      float8(tensor);
    }
  }

  private void float8(TensorInfo matrix) {
    TensorInfo scales =
        Optional.ofNullable(stored.get(matrix.name() + "_scale_inv"))
            .orElseGet(() -> stored.get(matrix.name() + "_scale"));
    if (scales == null) {
      problem(
          "%s: tensor %s is of dtype %s, but there is neither %s_scale_inv nor %s_scale; is the"
              + " download complete?",
          matrix.file(), Printable.of(matrix.name()), FLOAT8, lastPart(matrix), lastPart(matrix));
    } else if (requireFloats(scales)) {
      Dress.scaledFloat8(matrix, scales)
          .ifPresentOrElse(
              dress -> replace(matrix, dress, scales),
              () ->
                  problem(
                      "%s: tensor %s has shape %s, expected one scale for the %s of the matrix, for"
                          + " each of its rows, or for each block of 128 x 128",
                      scales.file(), Printable.of(scales.name()), scales.shape(), matrix.shape()));
    }
  }

  private boolean requireFloats(TensorInfo scales) {
    boolean floats = DType.of(scales.dtype()).isPresent();
    if (!floats) {
      problem(
          "%s: tensor %s has dtype %s, expected scales of one of %s",
          scales.file(), Printable.of(scales.name()), scales.dtype(), List.of(DType.values()));
    }
    return floats;
  }

  private void replace(TensorInfo tensor, Dress dress, TensorInfo part) {
    dressed.put(tensor.name(), tensor.in(dress));
    dressed.remove(part.name());
  }

  private static String lastPart(TensorInfo tensor) {
    String name = Printable.of(tensor.name());
    return name.substring(name.lastIndexOf('.') + 1);
  }

  private void problem(String sentence, Object... values) {
    problems.add(sentence.formatted(values));
  }
}
