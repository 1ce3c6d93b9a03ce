package io.tritmill.jobs.export;

import io.tritmill.jobs.gguf.StoredTensor;
import io.tritmill.jobs.storage.Storage;
import io.tritmill.kernels.code.PlaneLayout;
import io.tritmill.kernels.quantize.ReconstructionError;
import io.tritmill.kernels.tensor.Matrix;
import io.tritmill.kernels.tensor.WeightRows;
import java.io.IOException;
import java.io.OutputStream;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * The weights of a tensor of ggml, made of matrices of the family: whole rows of them in some
 * order, of which no more than one matrix of each source is in memory.
 */
final class StoredWeights {
  private static final int AT_ONCE = 1 << 18;

  private final Storage storage;
  private final FamilyWeights weights;
  private final StoredTensor tensor;

  StoredWeights(Storage storage, FamilyWeights weights, StoredTensor tensor) {
    this.storage = storage;
    this.weights = weights;
    this.tensor = tensor;
  }

  /** The matrices that whole rows are taken of; none where numbers are computed. */
  List<FamilyMatrix> matrices() {
    return tensor.content() instanceof StoredTensor.Rows rows
        ? rows.sources().stream().flatMap(name -> weights.matrices(name).stream()).toList()
        : List.of();
  }

  /** Planes of the one that has most. */
  int planes() {
    return layouts().mapToInt(PlaneLayout::planes).max().orElseThrow();
  }

  /** Whether one scale serves all planes of a group, everywhere. */
  boolean tied() {
    return layouts().allMatch(layout -> layout.tied() && layout.planes() > 1);
  }

  private Stream<PlaneLayout> layouts() {
    return matrices().stream()
        .map(matrix -> (PlaneLayout) ((FamilyMatrix.Packed) matrix).layer().entry().levels());
  }

  /** ||W - W'|| / ||W|| of the matrices in a type; 0 without loss. */
  double error(RowType type) {
    if (!type.rounds()) {
      return 0;
    }
    ReconstructionError error = ReconstructionError.NONE;
    if (tensor.content() instanceof StoredTensor.Rows) {
      for (FamilyMatrix matrix : matrices()) {
        WeightRows exact = matrix.read(storage);
        error = error.plus(ReconstructionError.of(exact, new Encoded(exact, type)));
      }
      return error.relative();
    }
    WeightRows exact = computed();
    return ReconstructionError.of(exact, new Encoded(exact, type)).relative();
  }

  /** Writes it in a type that holds all of it. */
  void write(RowType type, OutputStream out) throws IOException {
    switch (tensor.content()) {
      case StoredTensor.Rows rows when rows.order().isIdentity() -> writeInOrder(rows, type, out);
      case StoredTensor.Rows rows -> writeRows(rows, type, out);
      case StoredTensor.Values values -> writeAll(computed(), type, out);
      case StoredTensor.Given given -> writeAll(computed(), type, out);
    }
  }

  private void writeInOrder(StoredTensor.Rows rows, RowType type, OutputStream out)
      throws IOException {
    for (FamilyMatrix matrix : weights.matrices(rows.sources().getFirst())) {
      if (matrix instanceof FamilyMatrix.Kept kept) {
        int step = Math.max(1, AT_ONCE / matrix.columns());
        for (long row = 0; row < matrix.rows(); row += step) {
          int count = (int) Math.min(step, matrix.rows() - row);
          writeAll(kept.rows(storage, row, count), type, out);
        }
      } else {
        writeAll(matrix.read(storage), type, out);
      }
    }
  }

  private void writeRows(StoredTensor.Rows rows, RowType type, OutputStream out)
      throws IOException {
    OpenMatrices open = new OpenMatrices(type);
    Band band = new Band(type, matrices().getFirst().columns(), out);
    long count =
        tensor.shape().stream().limit(tensor.shape().size() - 1L).reduce(1L, Math::multiplyExact);
    for (long row = 0; row < count; row++) {
      int source = rows.order().source(row);
      long own = rows.order().row(row);
      List<FamilyMatrix> matrices = weights.matrices(rows.sources().get(source));
      long each = matrices.getFirst().rows();
      FamilyMatrix matrix = matrices.get((int) (own / each));
      band.add(open.encoder(matrix), (int) (own % each));
    }
    band.flush();
  }

  private void writeAll(WeightRows matrix, RowType type, OutputStream out) throws IOException {
    RowType.RowEncoder encoder = type.encoder(matrix);
    Band band = new Band(type, matrix.columns(), out);
    for (int row = 0; row < matrix.rows(); row++) {
      band.add(encoder, row);
    }
    band.flush();
  }

  /** Numbers that are no rows of the family's. */
  private WeightRows computed() {
    float[] values =
        switch (tensor.content()) {
          case StoredTensor.Given given -> given.values();
          case StoredTensor.Values made ->
              made.making().apply(made.sources().stream().map(this::whole).toList());
          case StoredTensor.Rows rows -> throw new IllegalStateException("Rows are not computed");
        };
    int columns = tensor.shape().size() < 2 ? 1 : Math.toIntExact(tensor.shape().getLast());
    return new Matrix(values.length / columns, columns, values);
  }

  private float[] whole(String source) {
    List<FamilyMatrix> matrices = weights.matrices(source);
    long each = matrices.getFirst().rows() * matrices.getFirst().columns();
    float[] all = new float[Math.toIntExact(matrices.size() * each)];
    for (int i = 0; i < matrices.size(); i++) {
      WeightRows matrix = matrices.get(i).read(storage);
      matrix.decode(0, matrix.rows(), all, Math.toIntExact(i * each));
    }
    return all;
  }

  /** The matrices of which rows are taken by turns: two at most. */
  private final class OpenMatrices {
    private final RowType type;
    private final Map<FamilyMatrix, RowType.RowEncoder> open = new LinkedHashMap<>();

    OpenMatrices(RowType type) {
      this.type = type;
    }

    RowType.RowEncoder encoder(FamilyMatrix matrix) {
      RowType.RowEncoder known = open.get(matrix);
      if (known != null) {
        return known;
      }
      if (open.size() == 2) {
        open.remove(open.keySet().iterator().next());
      }
      RowType.RowEncoder encoder = type.encoder(matrix.read(storage));
      open.put(matrix, encoder);
      return encoder;
    }
  }

  /** Rows that are written together. */
  private static final class Band {
    private final OutputStream out;
    private final byte[] bytes;
    private final int rowBytes;
    private int filled;

    Band(RowType type, int columns, OutputStream out) {
      this.out = out;
      rowBytes = Math.toIntExact(type.encoding().bytes(columns));
      bytes = new byte[Math.max(1, AT_ONCE / rowBytes) * rowBytes];
    }

    void add(RowType.RowEncoder encoder, int row) throws IOException {
      if (filled == bytes.length) {
        flush();
      }
      encoder.encode(row, bytes, filled);
      filled += rowBytes;
    }

    void flush() throws IOException {
      out.write(bytes, 0, filled);
      filled = 0;
    }
  }

  /** A matrix as it is read from a type. */
  private static final class Encoded implements WeightRows {
    private final WeightRows exact;
    private final RowType type;
    private final RowType.RowEncoder encoder;
    private final byte[] row;

    Encoded(WeightRows exact, RowType type) {
      this.exact = exact;
      this.type = type;
      encoder = type.encoder(exact);
      row = new byte[Math.toIntExact(type.encoding().bytes(exact.columns()))];
    }

    @Override
    public int rows() {
      return exact.rows();
    }

    @Override
    public int columns() {
      return exact.columns();
    }

    @Override
    public void decode(int firstRow, int count, float[] into, int at) {
      for (int i = 0; i < count; i++) {
        encoder.encode(firstRow + i, row, 0);
        type.encoding().decode(row, 0, into, at + i * columns(), columns());
      }
    }
  }
}
