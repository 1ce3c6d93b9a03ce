package io.tritmill.kernels.quantize.round;

import io.tritmill.kernels.code.Group;
import io.tritmill.kernels.code.PlaneCounts;
import io.tritmill.kernels.code.PlaneLayout;
import io.tritmill.kernels.code.StoredScale;
import io.tritmill.kernels.code.TiedLevels;
import io.tritmill.kernels.code.TritPlanes;
import io.tritmill.kernels.quantize.LayerInputs;
import io.tritmill.kernels.quantize.band.BandSweep;
import io.tritmill.kernels.quantize.band.IntegerMethod;
import io.tritmill.kernels.quantize.fit.GroupFit;
import io.tritmill.kernels.quantize.fit.IntegerFit;
import io.tritmill.kernels.quantize.fit.OnePlane;
import io.tritmill.kernels.quantize.fit.TiedPlanes;
import io.tritmill.kernels.tensor.Matrix;

/**
 * Tied trit-planes of which each row has its own number.
 *
 * <p>A row of one plane has the levels -1..1, of two -4..4 and of three -13..13 times one scale a
 * group, fitted as {@link Ptqtp} fits them. The result has as many planes as the row that has most;
 * the first ones of a row that has fewer are zero, and its scale is that of its last plane, as
 * ever. Where all rows have as many, it is what {@link Ptqtp} with that many tied planes gives.
 *
 * <p>It belongs to the rows that {@code planes} was made for, so recipes cannot name it: {@code
 * PlaneAllocation} makes the numbers, and stages wrap this as they wrap any rounding.
 */
public final class RowPlanes implements IntegerMethod {
  private static final long serialVersionUID = 1L;

  private static final int ROUNDS = 50;

  private final PlaneCounts planes;
  private final Group group;

  /**
   * @param planes of each row
   * @param group who shares a scale: a number of columns, or a row
   */
  public RowPlanes(PlaneCounts planes, Group group) {
    if (group.kind() == Group.Kind.TENSOR) {
      throw new IllegalArgumentException("group is a number of columns or row, found tensor");
    }
    this.planes = planes;
    this.group = group;
  }

  /** Planes of each row. */
  public PlaneCounts planes() {
    return planes;
  }

  @Override
  public PlaneLayout levels() {
    return PlaneLayout.byRow(planes, group);
  }

  /** False: a band would have to bring the planes of its own rows, see {@link PlaneCounts}. */
  @Override
  public boolean rowsIndependent() {
    return false;
  }

  @Override
  public TritPlanes quantize(Matrix band, LayerInputs inputs) {
    if (band.rows() != planes.rows()) {
      throw new IllegalArgumentException(
          "Expected the %d rows that have planes, found %d".formatted(planes.rows(), band.rows()));
    }
    return IntegerRounding.quantize(this, band).planes();
  }

  @Override
  public IntegerFit integerFit(int width) {
    return new Fit(width);
  }

  private final class Fit implements IntegerFit {
    private final GroupFit[] fits;
    private final double[] found = new double[1];
    private float scale;
    private int top;

    Fit(int width) {
      fits =
          new GroupFit[] {
            new OnePlane(width), new TiedPlanes(2, ROUNDS, width), new TiedPlanes(3, ROUNDS, width)
          };
    }

    @Override
    public void fit(float[] w, int offset, int length, int row) {
      int count = planes.of(row);
      fits[count - 1].fitRow(w, offset, length, length, found);
      scale =
          BandSweep.oneMagnitude(w, offset, length)
              ? StoredScale.half(found[0], row)
              : StoredScale.of(found[0], row);
      top = new TiedLevels(count).top();
    }

    @Override
    public float scale() {
      return scale;
    }

    @Override
    public int low() {
      return -top;
    }

    @Override
    public int high() {
      return top;
    }
  }
}
