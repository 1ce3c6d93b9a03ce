package io.tritmill.jobs.tensor;

import io.tritmill.kernels.tensor.DType;
import io.tritmill.kernels.tensor.Encoding;
import java.util.List;
import java.util.Optional;

/**
 * The matrix that makes keys and values of a latent, which is stored as one of keys, turned, and
 * one of values: of each head the rows of its keys, then those of its values.
 *
 * @param keys (heads, latent, rows of a head's keys)
 * @param values (heads, rows of a head's values, latent)
 */
record JointKeyValues(TensorInfo keys, TensorInfo values) implements ByRows {
  private static final long serialVersionUID = 1L;

  private DType type() {
    Optional<DType> type = DType.of(keys.dtype());
    return keys.dtype().equals(values.dtype()) ? type.orElse(DType.F32) : DType.F32;
  }

  @Override
  public Optional<Encoding> encoding(String stored) {
    return keys.encoding().isPresent() && values.encoding().isPresent()
        ? Optional.of(type())
        : Optional.empty();
  }

  @Override
  public DType keptType(String stored) {
    return type();
  }

  @Override
  public List<TensorInfo> sources() {
    return List.of(keys, values);
  }

  @Override
  public void rows(TensorInfo tensor, Source stored, long first, int rows, byte[] into, int at) {
    int latent = Math.toIntExact(tensor.columns());
    int keyRows = Math.toIntExact(keys.columns());
    int valueRows = Math.toIntExact(values.shape().get(1));
    int rowBytes = latent * type().bytes();
    float[] turned = new float[0];
    long head = -1;
    float[] row = new float[latent];
    for (long r = first; r < first + rows; r++) {
      long own = r / (keyRows + valueRows);
      int within = (int) (r % (keyRows + valueRows));
      if (within < keyRows) {
        if (own != head) {
          turned = decoded(keys, stored, own * latent, latent);
          head = own;
        }
        for (int c = 0; c < latent; c++) {
          row[c] = turned[c * keyRows + within];
        }
      } else {
        row = decoded(values, stored, own * valueRows + within - keyRows, 1);
      }
      type().encode(row, 0, into, at + (int) (r - first) * rowBytes, latent);
    }
  }

  private static float[] decoded(TensorInfo tensor, Source stored, long firstRow, int rows) {
    Encoding type = tensor.encoding().orElseThrow();
    int count = Math.toIntExact(rows * tensor.columns());
    byte[] bytes = new byte[Math.toIntExact(type.bytes(count))];
    stored.read(tensor, firstRow * type.bytes(tensor.columns()), bytes, 0, bytes.length);
    float[] decoded = new float[count];
    type.decode(bytes, 0, decoded, 0, count);
    return decoded;
  }
}
