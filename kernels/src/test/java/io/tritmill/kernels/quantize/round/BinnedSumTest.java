package io.tritmill.kernels.quantize.round;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

class BinnedSumTest {
  @Property(tries = 200)
  void orderAndGroupingChangeNothing(@ForAll Random random) {
    List<Double> terms = new ArrayList<>();
    BigDecimal exact = BigDecimal.ZERO;
    for (int i = 0; i < 100; i++) {
      // Sums of floats: the smallest is 2^-149, the largest here about 2^128.
      double term = (double) Float.intBitsToFloat(random.nextInt(0x7f800000)) * 1000;
      terms.add(term);
      exact = exact.add(new BigDecimal(term));
    }
    double[] once = new double[BinnedSum.BINS];
    terms.forEach(new BinnedSum(once, 0)::add);
    assertEquals(
        exact.doubleValue(), new BinnedSum(once, 0).value(), Math.ulp(exact.doubleValue()));

    Collections.shuffle(terms, random);
    double[] first = new double[BinnedSum.BINS];
    double[] second = new double[BinnedSum.BINS];
    terms.subList(0, 37).forEach(new BinnedSum(first, 0)::add);
    terms.subList(37, 100).forEach(new BinnedSum(second, 0)::add);
    for (int i = 0; i < first.length; i++) {
      first[i] += second[i];
    }
    assertArrayEquals(once, first);
  }
}
