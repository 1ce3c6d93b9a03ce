package io.tritmill.jobs.tensor;

import io.tritmill.kernels.tensor.DType;
import io.tritmill.kernels.tensor.Encoding;
import java.util.List;
import java.util.Optional;

/**
 * Values that another program stores as a function of what the family has, turned back.
 *
 * @param inner how stored bytes become rows of what is stored
 * @param change what makes the family's value of a stored one
 */
record Changed(Dress inner, Change change) implements ByRows {
  private static final long serialVersionUID = 1L;

  @Override
  public Optional<Encoding> encoding(String stored) {
    return inner.encoding(stored).map(type -> DType.F32);
  }

  @Override
  public DType keptType(String stored) {
    return DType.F32;
  }

  @Override
  public List<TensorInfo> sources() {
    return inner.sources();
  }

  @Override
  public String facts() {
    return inner.facts() + "\n" + change;
  }

  @Override
  public void rows(TensorInfo tensor, Source stored, long first, int rows, byte[] into, int at) {
    TensorInfo plain = tensor.in(inner);
    Encoding type = inner.encoding(tensor.dtype()).orElseThrow();
    int count = Math.toIntExact(rows * tensor.columns());
    byte[] bytes = new byte[Math.toIntExact(type.bytes(count))];
    inner.read(plain, stored, first * type.bytes(tensor.columns()), bytes, 0, bytes.length);
    float[] values = new float[count];
    type.decode(bytes, 0, values, 0, count);
    for (int i = 0; i < count; i++) {
      values[i] = change.of(values[i]);
    }
    DType.F32.encode(values, 0, into, at, count);
  }
}
