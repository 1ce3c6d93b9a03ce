package io.tritmill.jobs.tensor;

import io.tritmill.kernels.tensor.DType;
import io.tritmill.kernels.tensor.Encoding;
import java.util.List;
import java.util.Optional;

/**
 * A few numbers that stand in the header of a file, as a tensor of single precision.
 *
 * @param values all of them
 */
record Given(List<Float> values) implements Dress {
  private static final long serialVersionUID = 1L;

  Given {
    values = List.copyOf(values);
  }

  @Override
  public Optional<Encoding> encoding(String stored) {
    return Optional.of(DType.F32);
  }

  @Override
  public DType keptType(String stored) {
    return DType.F32;
  }

  @Override
  public String facts() {
    return "\n" + values;
  }

  @Override
  public void read(
      TensorInfo tensor, Source stored, long firstByte, byte[] into, int at, int count) {
    float[] numbers = new float[values.size()];
    for (int i = 0; i < numbers.length; i++) {
      numbers[i] = values.get(i);
    }
    byte[] bytes = new byte[numbers.length * Float.BYTES];
    DType.F32.encode(numbers, 0, bytes, 0, numbers.length);
    System.arraycopy(bytes, Math.toIntExact(firstByte), into, at, count);
  }
}
