package io.tritmill.jobs.quantize;

import io.tritmill.jobs.calibrate.SiteStatistics;
import io.tritmill.jobs.model.ModelSource;
import io.tritmill.jobs.spark.Tasks;
import io.tritmill.jobs.storage.Storage;
import io.tritmill.jobs.tensor.TensorInfo;
import io.tritmill.kernels.quantize.LayerStatistics;
import io.tritmill.kernels.quantize.Need;
import io.tritmill.kernels.quantize.Quantizer;
import io.tritmill.kernels.quantize.allocate.PlaneAllocation;
import io.tritmill.kernels.tensor.Matrix;
import java.io.Serializable;
import java.util.EnumSet;
import java.util.Set;

/**
 * Measures what each row of one layer loses with one, two and three planes.
 *
 * @param storage file systems
 * @param source the full-precision model, transformed as the recipe says
 */
record MeasureRows(Storage storage, ModelSource source)
    implements Tasks.Work<MeasureRows.Input, RowDamage> {

  /**
   * A layer whose rows choose.
   *
   * @param quantizer its stages
   * @param share of all tokens that came to its site; an error costs the others nothing
   * @param statistics where the sums lie that its inputs make in the full-precision model
   */
  record Input(TensorInfo tensor, Quantizer quantizer, double share, SiteStatistics statistics)
      implements Serializable {}

  /** What the measure takes: nothing that depends on how other layers were compressed. */
  static Set<Need> needs(Quantizer quantizer) {
    Set<Need> needs = EnumSet.copyOf(quantizer.needs());
    needs.retainAll(EnumSet.of(Need.GRAM, Need.HELD_OUT, Need.OUTPUT_METRIC, Need.TOKEN_WEIGHTS));
    return needs;
  }

  @Override
  public RowDamage apply(Input input, String attempt) {
    String name = input.tensor().name();
    Matrix weight = QuantizeBand.transformed(source, name);
    Quantizer method = input.quantizer();
    if (input.statistics().tokens() == 0) {
      return RowDamage.none(name, weight.rows());
    }
    LayerStatistics learned =
        input.statistics().load(storage, needs(method), method.leastTokenWeight(), name);
    return RowDamage.of(name, PlaneAllocation.layer(weight, learned, method), input.share());
  }
}
