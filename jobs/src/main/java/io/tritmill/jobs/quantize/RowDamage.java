package io.tritmill.jobs.quantize;

import io.tritmill.jobs.plan.PlannedTensor;
import io.tritmill.kernels.code.PlaneCounts;
import io.tritmill.kernels.quantize.allocate.PlaneAllocation;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;

/**
 * What the rows of a layer lose with one, two and three planes, as the ledger keeps it.
 *
 * @param tensor name of the layer's weight
 * @param damage number of planes less one, then rows
 */
record RowDamage(String tensor, List<float[]> damage) implements Serializable {
  private static final long serialVersionUID = 1L;

  /**
   * What each row loses.
   *
   * @param share what the losses are multiplied by
   */
  static RowDamage of(String tensor, PlaneAllocation.Layer layer, double share) {
    ArrayList<float[]> damage = new ArrayList<>();
    for (double[] rows : layer.damage()) {
      float[] rounded = new float[rows.length];
      for (int row = 0; row < rows.length; row++) {
        rounded[row] = (float) (share * rows[row]);
      }
      damage.add(rounded);
    }
    return new RowDamage(tensor, damage);
  }

  /** Of a layer that no token came to: it loses nothing, however few planes it has. */
  static RowDamage none(String tensor, int rows) {
    ArrayList<float[]> damage = new ArrayList<>();
    for (int planes = 1; planes <= PlaneCounts.MOST; planes++) {
      damage.add(new float[rows]);
    }
    return new RowDamage(tensor, damage);
  }

  /**
   * What the allocation takes.
   *
   * @param growth what the damages are multiplied by
   */
  PlaneAllocation.Layer layer(PlannedTensor planned, double growth) {
    double[][] rows = new double[damage.size()][planned.rows()];
    for (int planes = 0; planes < rows.length; planes++) {
      for (int row = 0; row < planned.rows(); row++) {
        rows[planes][row] = growth * damage.get(planes)[row];
      }
    }
    int columns = planned.columns();
    return new PlaneAllocation.Layer(
        rows, columns, planned.quantizer().levels().group().perRow(columns));
  }
}
