package io.tritmill.kernels.quantize.compensate;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tritmill.kernels.code.Group;
import io.tritmill.kernels.quantize.CorrelatedInputs;
import io.tritmill.kernels.quantize.LayerInputs;
import io.tritmill.kernels.quantize.LayerStatistics;
import io.tritmill.kernels.quantize.Need;
import io.tritmill.kernels.quantize.Quantizer;
import io.tritmill.kernels.quantize.RandomWeights;
import io.tritmill.kernels.quantize.round.Ptqtp;
import io.tritmill.kernels.tensor.Matrix;
import java.util.Set;
import org.junit.jupiter.api.Test;

class RsqTest {
  private static final Ptqtp ROUNDING = new Ptqtp(2, Group.of(16), true, 50);
  private static final Quantizer GPTQ = new Gptq(0.01, false, false).around(ROUNDING);

  @Test
  void weightsAreAskedForAndTheRestIsTheMethods() {
    Quantizer method = new Rsq(0.1).around(GPTQ);
    assertEquals(Set.of(Need.GRAM, Need.TOKEN_WEIGHTS), method.needs());
    assertEquals(0.1, method.leastTokenWeight());
    assertEquals(1, GPTQ.leastTokenWeight());
    assertEquals(GPTQ.levels(), method.levels());
    assertEquals(GPTQ.rowsIndependent(), method.rowsIndependent());
    assertTrue(new Rsq(0.1).outermost());
    assertFalse(new Qep(1, 0.01, true).outermost());
    Matrix weight = RandomWeights.gaussian(5, 37, 1);
    Matrix tokens = CorrelatedInputs.tokens(60, 37, 2);
    LayerInputs inputs =
        LayerInputs.NONE.with(LayerStatistics.of(60, CorrelatedInputs.product(tokens, tokens)));
    assertArrayEquals(
        GPTQ.quantize(weight, inputs).planes().trits(),
        method.quantize(weight, inputs).planes().trits());
    assertEquals(GPTQ.solve(weight, inputs).report(), method.solve(weight, inputs).report());
  }

  @Test
  void mistakesAreRefused() {
    for (double least : new double[] {0, 1, -0.5, Double.NaN}) {
      assertThrows(IllegalArgumentException.class, () -> new Rsq(least));
    }
    assertThrows(IllegalArgumentException.class, () -> new Rsq(0.1).around(ROUNDING));
  }
}
