package io.tritmill.jobs.tensor;

import io.tritmill.jobs.failure.BadInputException;
import io.tritmill.jobs.failure.Printable;
import io.tritmill.kernels.tensor.DType;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Numbers that belong to a tensor and are read beside it. */
final class Numbers {
  private Numbers() {}

  /** Scales that are looked at together. */
  private static final int PIECE = 1 << 20;

  /**
   * Requires that all scales are finite; one below 0 turns a grid around, and 0 is that of zeros.
   *
   * @throws BadInputException naming the first that is not
   */
  static void requireFinite(Dress.Source stored, TensorInfo scales) {
    for (long first = 0; first < scales.elements(); first += PIECE) {
      float[] numbers =
          read(stored, scales, first, (int) Math.min(PIECE, scales.elements() - first));
      for (int i = 0; i < numbers.length; i++) {
        if (!Float.isFinite(numbers[i])) {
          throw BadInputException.broken(
              "%s: tensor %s has the scale %s in row %d, column %d, expected a finite one;"
                  + " was it written completely?",
              scales.file(),
              Printable.of(scales.name()),
              numbers[i],
              (first + i) / scales.columns(),
              (first + i) % scales.columns());
        }
      }
    }
  }

  /** Decodes some numbers of a type of weights. */
  static float[] read(Dress.Source stored, TensorInfo tensor, long first, int count) {
    DType type = DType.of(tensor.dtype()).orElseThrow();
    byte[] bytes = new byte[Math.multiplyExact(count, type.bytes())];
    stored.read(tensor, first * type.bytes(), bytes, 0, bytes.length);
    float[] numbers = new float[count];
    type.decode(bytes, 0, numbers, 0, count);
    return numbers;
  }

  /** Reads all of a tensor of 32-bit integers. */
  static int[] integers(Dress.Source stored, TensorInfo tensor) {
    byte[] bytes = new byte[Math.toIntExact(tensor.bytes())];
    stored.read(tensor, 0, bytes, 0, bytes.length);
    int[] numbers = new int[bytes.length / Integer.BYTES];
    ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).asIntBuffer().get(numbers);
    return numbers;
  }
}
