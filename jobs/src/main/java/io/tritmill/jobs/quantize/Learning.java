package io.tritmill.jobs.quantize;

import io.tritmill.jobs.calibrate.SiteStatistics;
import io.tritmill.jobs.plan.LayerShard;
import io.tritmill.jobs.storage.Storage;
import io.tritmill.kernels.quantize.LayerStatistics;
import io.tritmill.kernels.quantize.Need;
import io.tritmill.kernels.quantize.PackedBand;
import io.tritmill.kernels.quantize.Quantizer;
import io.tritmill.kernels.quantize.SolveReport;
import io.tritmill.kernels.tensor.Matrix;
import io.tritmill.kernels.tensor.WeightRows;
import java.util.EnumSet;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * What a layer learns from: the sums of its site, unless too few tokens came there.
 *
 * <p>A router may send an expert next to nothing. Sums over a handful of tokens say nothing of
 * others, so such an expert's weights alone are rounded, and its row tells.
 *
 * @param tensor name of the layer's weight
 * @param columns inputs of the layer
 * @param method that of the recipe, or the part of it that rounds, where that stores the same
 * @param statistics where calibration's sums lie; null without calibration
 * @param remedy why the method is not the recipe's; null where it is
 */
record Learning(
    String tensor, int columns, Quantizer method, SiteStatistics statistics, String remedy) {
  /** An expert learns from a token for so many of its inputs, or more. */
  private static final int INPUTS_OF_TOKEN = 16;

  static Learning of(LayerShard shard, SiteStatistics statistics) {
    Quantizer method = shard.quantizer();
    String tensor = shard.tensor().name();
    long fewest = Math.max(1, shard.columns() / INPUTS_OF_TOKEN);
    if (statistics == null || statistics.tokens() >= fewest) {
      return new Learning(tensor, shard.columns(), method, statistics, null);
    }
    String remedy =
        "%d calibration tokens came to it, expected %d or more: its weights alone were rounded"
            .formatted(statistics.tokens(), fewest);
    Quantizer rounding = method.rounding();
    boolean alike = rounding.levels().equals(method.levels());
    return new Learning(tensor, shard.columns(), alike ? rounding : method, statistics, remedy);
  }

  /** How many layers were rounded without the data that the recipe wants. */
  static long remedies(Stream<BandResult> results) {
    return results
        .filter(result -> result.remedy() != null)
        .map(BandResult::tensor)
        .distinct()
        .count();
  }

  /** What the method needs, and what its result is measured by; null where there is nothing. */
  LayerStatistics load(Storage storage) {
    if (statistics == null) {
      return null;
    }
    if (remedy != null && !method.needs().isEmpty()) {
      return nothingSeen();
    }
    if (statistics.tokens() == 0) {
      return null;
    }
    Set<Need> needs = EnumSet.of(Need.GRAM, Need.HELD_OUT);
    needs.addAll(method.needs());
    return statistics.load(storage, needs, method.leastTokenWeight(), tensor);
  }

  /**
   * A layer that is solved.
   *
   * @param remedy why its weights alone were rounded; null where they were not
   */
  record Outcome(PackedBand band, String remedy) {}

  /**
   * Solves the layer. What an expert learns from its few tokens is held against what its weights
   * alone give, where there are others to judge by.
   *
   * @param learned what was loaded
   * @param solve makes a band by a method
   */
  Outcome solve(
      WeightRows weights, LayerStatistics learned, Function<Quantizer, PackedBand> solve) {
    PackedBand band = solve.apply(method);
    if (remedy != null) {
      boolean measured = learned != null && method.needs().isEmpty();
      return new Outcome(measured ? band.withErrors(weights, learned) : band, remedy);
    }
    if (!guarded(learned)) {
      return new Outcome(band, null);
    }
    PackedBand rounded = solve.apply(method.rounding()).withErrors(weights, learned);
    double withData = band.report().heldOut().relative();
    double without = rounded.report().heldOut().relative();
    return withData <= without
        ? new Outcome(band, null)
        : new Outcome(
            rounded,
            ("of the outputs of tokens set aside it loses %.3f where it learns from %d tokens, and %.3f"
                    + " where it does not: its weights alone were rounded")
                .formatted(withData, statistics.tokens(), without));
  }

  private boolean guarded(LayerStatistics learned) {
    return learned != null
        && learned.heldOut() != null
        && statistics.site().routed()
        && !method.needs().isEmpty()
        && method.rounding().levels().equals(method.levels());
  }

  /** What a method learns from inputs that are alike and have no errors: nothing. */
  private LayerStatistics nothingSeen() {
    Matrix gram = Matrix.zeros(columns, columns);
    for (int i = 0; i < columns; i++) {
      gram.values()[i * columns + i] = 1;
    }
    boolean errors = method.needs().contains(Need.INPUT_ERROR);
    Matrix none = errors ? Matrix.zeros(columns, columns) : null;
    return new LayerStatistics(statistics.tokens(), gram, none, null, null, null);
  }

  /** What is told of a layer; null where nothing was to be learned. */
  CalibrationError error(SolveReport report) {
    return statistics == null ? null : new CalibrationError(statistics.tokens(), report);
  }
}
