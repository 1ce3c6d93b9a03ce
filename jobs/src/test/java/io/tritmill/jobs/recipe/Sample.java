package io.tritmill.jobs.recipe;

import io.tritmill.kernels.code.Group;
import io.tritmill.kernels.code.PlaneLayout;
import io.tritmill.kernels.code.TritPlanes;
import io.tritmill.kernels.quantize.Default;
import io.tritmill.kernels.quantize.LayerInputs;
import io.tritmill.kernels.quantize.Quantizer;
import io.tritmill.kernels.tensor.Matrix;

/** A stage from another package, with a parameter of every type that recipes can write. */
public record Sample(
    @Default("2") int planes,
    @Default("128") Group group,
    @Default("0.7") float keptShare,
    @Default("1e-3") double damp,
    @Default("7") long salt,
    @Default("true") boolean tied,
    @Default("row_wise") Order order,
    @Default("plain") String note)
    implements Quantizer {
  /** An order to visit weights in. */
  public enum Order {
    ROW_WISE,
    COLUMN_WISE
  }

  static final Sample DEFAULT =
      new Sample(2, Group.of(128), 0.7f, 1e-3, 7, true, Order.ROW_WISE, "plain");

  @Override
  public PlaneLayout levels() {
    return new PlaneLayout(planes, group, tied);
  }

  @Override
  public TritPlanes quantize(Matrix band, LayerInputs inputs) {
    byte[][] zeros = new byte[planes][band.rows() * band.columns()];
    float[] scales = new float[Math.toIntExact(levels().scales(band.rows(), band.columns()))];
    return new TritPlanes(band.rows(), band.columns(), levels(), zeros, scales);
  }
}
