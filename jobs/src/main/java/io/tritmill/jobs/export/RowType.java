package io.tritmill.jobs.export;

import io.tritmill.jobs.gguf.GgufType;
import io.tritmill.kernels.carrier.BlockCarrier;
import io.tritmill.kernels.carrier.IntegerGrid;
import io.tritmill.kernels.carrier.PlaneTrits;
import io.tritmill.kernels.carrier.ScaledIntegers;
import io.tritmill.kernels.code.BlockLevels;
import io.tritmill.kernels.code.Blocks;
import io.tritmill.kernels.code.PackedMatrix;
import io.tritmill.kernels.code.PackedPlanes;
import io.tritmill.kernels.code.PlaneLayout;
import io.tritmill.kernels.quantize.LayerInputs;
import io.tritmill.kernels.quantize.Quantizer;
import io.tritmill.kernels.tensor.DType;
import io.tritmill.kernels.tensor.Encoding;
import io.tritmill.kernels.tensor.Matrix;
import io.tritmill.kernels.tensor.WeightRows;
import java.util.Optional;

/** How rows of a matrix become those of a type of ggml. */
sealed interface RowType {
  /** Its blocks. */
  GgufType type();

  /** How they are decoded. */
  Encoding encoding();

  /** Whether a weight may become another one. */
  boolean rounds();

  /** Why it does not hold a matrix; empty where it does. */
  Optional<String> refusal(FamilyMatrix matrix);

  /** What encodes the rows of a matrix that is not refused. */
  RowEncoder encoder(WeightRows matrix);

  /** Encodes rows of one matrix. */
  interface RowEncoder {
    /** Writes a row into {@code into[at...]}. */
    void encode(int row, byte[] into, int at);
  }

  /**
   * Decoded weights.
   *
   * @param numbers their type
   */
  record Plain(DType numbers) implements RowType {
    @Override
    public GgufType type() {
      return GgufType.valueOf(numbers.name());
    }

    @Override
    public Encoding encoding() {
      return numbers;
    }

    @Override
    public boolean rounds() {
      return numbers != DType.F32;
    }

    @Override
    public Optional<String> refusal(FamilyMatrix matrix) {
      return Optional.empty();
    }

    @Override
    public RowEncoder encoder(WeightRows matrix) {
      float[] values = new float[matrix.columns()];
      return (row, into, at) -> {
        matrix.decode(row, 1, values, 0);
        numbers.encode(values, 0, into, at, values.length);
      };
    }
  }

  /**
   * The very codes and scales of packed integers.
   *
   * @param carrier of them
   */
  record Carried(BlockCarrier carrier) implements RowType {
    @Override
    public GgufType type() {
      return GgufType.valueOf(carrier.name());
    }

    @Override
    public Encoding encoding() {
      return carrier.type();
    }

    @Override
    public boolean rounds() {
      return false;
    }

    @Override
    public Optional<String> refusal(FamilyMatrix matrix) {
      if (!(matrix instanceof FamilyMatrix.Packed packed)) {
        return Optional.of("is not quantized");
      }
      Optional<IntegerGrid> grid = packed.layer().grid();
      return grid.isEmpty()
          ? Optional.of("levels are no integers times a scale")
          : carrier
              .refusal(grid.get(), matrix.columns())
              .or(() -> numbers(packed))
              .map(reason -> type().name() + " " + reason);
    }

    private Optional<String> numbers(FamilyMatrix.Packed packed) {
      return carrier.looksAtNumbers()
          ? carrier.refusal(packed.layer().integers())
          : Optional.empty();
    }

    @Override
    public RowEncoder encoder(WeightRows matrix) {
      return encoder(carrier, ScaledIntegers.of((PackedMatrix) matrix).orElseThrow());
    }

    static RowEncoder encoder(BlockCarrier carrier, ScaledIntegers integers) {
      byte[] room = new byte[integers.columns()];
      return (row, into, at) -> carrier.encode(integers, row, room, into, at);
    }
  }

  /**
   * The very blocks of a packed matrix, or such as hold its codes and scales.
   *
   * @param levels of the blocks
   */
  record Stored(BlockLevels levels) implements RowType {
    @Override
    public GgufType type() {
      return GgufType.valueOf(levels.type().name());
    }

    @Override
    public Encoding encoding() {
      return levels.type();
    }

    @Override
    public boolean rounds() {
      return false;
    }

    @Override
    public Optional<String> refusal(FamilyMatrix matrix) {
      return matrix instanceof FamilyMatrix.Packed packed
              && packed.layer().entry().levels() == levels
          ? Optional.empty()
          : carried().refusal(matrix);
    }

    private Carried carried() {
      return new Carried(BlockCarrier.valueOf(levels.name()));
    }

    @Override
    public RowEncoder encoder(WeightRows matrix) {
      if (!(matrix instanceof Blocks blocks)) {
        return carried().encoder(matrix);
      }
      int rowBytes = Math.toIntExact(encoding().bytes(blocks.columns()));
      return (row, into, at) ->
          System.arraycopy(blocks.bytes(), row * rowBytes, into, at, rowBytes);
    }
  }

  /**
   * Weights that are quantized once more, by nothing but themselves.
   *
   * @param exact what they become
   * @param method whose levels that holds
   */
  record Rounded(RowType exact, Quantizer method) implements RowType {
    @Override
    public GgufType type() {
      return exact.type();
    }

    @Override
    public Encoding encoding() {
      return exact.encoding();
    }

    @Override
    public boolean rounds() {
      return true;
    }

    @Override
    public Optional<String> refusal(FamilyMatrix matrix) {
      int block = type().blockElements();
      return matrix.columns() % block == 0
          ? Optional.empty()
          : Optional.of(
              "%s has blocks of %d, found rows of %d"
                  .formatted(type().name(), block, matrix.columns()));
    }

    @Override
    public RowEncoder encoder(WeightRows matrix) {
      Matrix values = Matrix.zeros(matrix.rows(), matrix.columns());
      matrix.decode(0, matrix.rows(), values.values(), 0);
      PackedMatrix rounded = method.quantize(values, LayerInputs.NONE).pack();
      return exact.encoder(rounded);
    }
  }

  /**
   * The trits and the scales of one plane; the matrix is the sum of its planes.
   *
   * @param number of the plane
   */
  record OfPlane(int number) implements RowType {
    @Override
    public Optional<String> refusal(FamilyMatrix matrix) {
      return matrix instanceof FamilyMatrix.Packed packed
              && packed.layer().entry().levels() instanceof PlaneLayout layout
          ? PlaneTrits.refusal(layout, matrix.columns())
          : Optional.of("is not made of trit-planes");
    }

    @Override
    public GgufType type() {
      return GgufType.TQ2_0;
    }

    @Override
    public Encoding encoding() {
      return BlockCarrier.TQ2_0.type();
    }

    @Override
    public boolean rounds() {
      return false;
    }

    @Override
    public RowEncoder encoder(WeightRows matrix) {
      return Carried.encoder(BlockCarrier.TQ2_0, new PlaneTrits((PackedPlanes) matrix, number));
    }
  }
}
