package io.tritmill.jobs.checkpoint;

import io.tritmill.kernels.model.TensorSpec;
import io.tritmill.kernels.tensor.DType;
import io.tritmill.kernels.tensor.Float8;
import java.io.IOException;
import java.io.OutputStream;
import java.util.Arrays;
import java.util.List;

/**
 * A tensor of random weights as it is stored: in half precision, or as 8-bit floats with a second
 * tensor that has a scale for each block of 128 rows and columns.
 *
 * <p>All scales of a tensor are one over the root of its columns, so that the floats are about 1.
 *
 * @param name of the tensor
 * @param of the weights; of scales, those that they belong to
 * @param content what it holds
 */
record SyntheticTensor(String name, TensorSpec of, Content content) {
  private static final int BLOCK = 128;
  private static final int BUFFER_BYTES = 1 << 20;

  /** What a tensor holds, and as which type. */
  enum Content {
    WEIGHTS(ElementType.BF16),
    FLOATS_OF_8_BITS(ElementType.F8_E4M3),
    SCALES(ElementType.F32);

    private final ElementType type;

    Content(ElementType type) {
      this.type = type;
    }
  }

  /** Weights in half precision. */
  static List<SyntheticTensor> plain(TensorSpec spec) {
    return List.of(new SyntheticTensor(spec.name(), spec, Content.WEIGHTS));
  }

  /** The weights of a matrix as 8-bit floats, and their scales. */
  static List<SyntheticTensor> scaled(TensorSpec spec) {
    return List.of(
        new SyntheticTensor(spec.name(), spec, Content.FLOATS_OF_8_BITS),
        new SyntheticTensor(spec.name() + "_scale_inv", spec, Content.SCALES));
  }

  String dtype() {
    return content.type.name();
  }

  List<Long> shape() {
    List<Long> whole = of.shape().stream().map(Integer::longValue).toList();
    return content == Content.SCALES
        ? whole.stream().map(size -> Math.ceilDiv(size, (long) BLOCK)).toList()
        : whole;
  }

  private long elements() {
    return shape().stream().reduce(1L, Math::multiplyExact);
  }

  long bytes() {
    return content.type.bytes(elements());
  }

  /** Writes the bytes, which depend on the seed and the name alone. */
  void write(OutputStream out, long seed) throws IOException {
    if (content == Content.SCALES) {
      writeScales(out);
    } else {
      writeWeights(out, seed);
    }
  }

  private float scale() {
    return (float) (1 / Math.sqrt(of.columns()));
  }

  private void writeScales(OutputStream out) throws IOException {
    float[] scales = new float[Math.toIntExact(elements())];
    Arrays.fill(scales, scale());
    byte[] bytes = new byte[scales.length * Float.BYTES];
    DType.F32.encode(scales, 0, bytes, 0, scales.length);
    out.write(bytes);
  }

  private void writeWeights(OutputStream out, long seed) throws IOException {
    int columns = of.columns();
    long rows = elements() / columns;
    RandomWeights weights = new RandomWeights(seed, name, columns, !of.vector());
    int rowBytes = Math.toIntExact(content.type.bytes(columns));
    int band = Math.max(1, BUFFER_BYTES / rowBytes);
    float[] values = new float[columns];
    byte[] buffer = new byte[band * rowBytes];
    for (long first = 0; first < rows; first += band) {
      int count = (int) Math.min(band, rows - first);
      for (int i = 0; i < count; i++) {
        weights.row(first + i, values);
        if (content == Content.WEIGHTS) {
          DType.BF16.encode(values, 0, buffer, i * rowBytes, columns);
        } else {
          Float8.encode(values, 0, scale(), buffer, i * rowBytes, columns);
        }
      }
      out.write(buffer, 0, count * rowBytes);
    }
  }
}
