package io.tritmill.jobs.quantize;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tritmill.jobs.calibrate.SiteStatistics;
import io.tritmill.kernels.code.Group;
import io.tritmill.kernels.model.Site;
import io.tritmill.kernels.quantize.LayerInputs;
import io.tritmill.kernels.quantize.LayerStatistics;
import io.tritmill.kernels.quantize.PackedBand;
import io.tritmill.kernels.quantize.Quantizer;
import io.tritmill.kernels.quantize.compensate.Gptq;
import io.tritmill.kernels.quantize.round.Ptqtp;
import io.tritmill.kernels.tensor.Matrix;
import java.util.ArrayList;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** What an expert learns is held against what its weights alone give. */
class LearningTest {
  private static final int COLUMNS = 32;
  private static final Ptqtp ROUNDING = new Ptqtp(1, Group.of(32), false, 20);
  private static final Quantizer METHOD = new Gptq(0.01, false, false).around(ROUNDING);

  private final Random random = new Random(11);
  private final Matrix weights = inputs(24, 0);

  @Test
  void whatHelpsOtherTokensIsKept() {
    Matrix gram = gram(inputs(500, 2));
    Learning.Outcome outcome = solve(true, gram, gram(inputs(500, 2)));
    assertNull(outcome.remedy());
    assertArrayEquals(
        band(METHOD, LayerStatistics.of(500, gram)).tensor().pieces().getFirst(),
        outcome.band().tensor().pieces().getFirst());
  }

  @Test
  void whatHarmsOtherTokensIsNot() {
    Learning.Outcome outcome = solve(true, gram(inputs(2, 0)), gram(inputs(500, 0)));
    assertTrue(outcome.remedy().endsWith("its weights alone were rounded"), outcome.remedy());
    assertArrayEquals(
        band(ROUNDING, null).tensor().pieces().getFirst(),
        outcome.band().tensor().pieces().getFirst());
    assertTrue(outcome.band().report().heldOut().relative() > 0);
  }

  @Test
  void otherLayersLearnAsTheRecipeSays() {
    assertNull(solve(false, gram(inputs(2, 0)), gram(inputs(500, 0))).remedy());
  }

  private Learning.Outcome solve(boolean routed, Matrix gram, Matrix heldOut) {
    LayerStatistics learned =
        new LayerStatistics(2, gram, null, null, null, null)
            .withHeldOut(LayerStatistics.of(500, heldOut));
    return new Learning("w", COLUMNS, METHOD, statistics(routed), null)
        .solve(weights, learned, method -> band(method, learned));
  }

  private static SiteStatistics statistics(boolean routed) {
    Site site = new Site(0, 0, 0, 0, "expert 0", COLUMNS, routed ? 0 : -1, 1, false);
    return new SiteStatistics(2, 500, site, new ArrayList<>(), new ArrayList<>(), null);
  }

  private PackedBand band(Quantizer method, LayerStatistics learned) {
    return PackedBand.of(weights, method, LayerInputs.NONE.with(learned));
  }

  /**
   * Rows whose columns have something in common, so that there is something to learn, or nothing.
   */
  private Matrix inputs(int rows, double share) {
    Matrix matrix = Matrix.zeros(rows, COLUMNS);
    for (int row = 0; row < rows; row++) {
      double common = share * random.nextGaussian();
      for (int column = 0; column < COLUMNS; column++) {
        matrix.values()[row * COLUMNS + column] = (float) (common + random.nextGaussian());
      }
    }
    return matrix;
  }

  private static Matrix gram(Matrix x) {
    Matrix gram = Matrix.zeros(COLUMNS, COLUMNS);
    for (int row = 0; row < x.rows(); row++) {
      for (int i = 0; i < COLUMNS * COLUMNS; i++) {
        float product =
            x.values()[row * COLUMNS + i / COLUMNS] * x.values()[row * COLUMNS + i % COLUMNS];
        gram.values()[i] += product / x.rows();
      }
    }
    return gram;
  }
}
