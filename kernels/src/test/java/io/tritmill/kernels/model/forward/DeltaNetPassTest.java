package io.tritmill.kernels.model.forward;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tritmill.kernels.model.DeltaNet;
import io.tritmill.kernels.model.Site;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DeltaNetPassTest {
  @ParameterizedTest
  @CsvSource({
    "16, 2, 4, 4, 6, 4, false",
    "16, 2, 4, 4, 6, 4, true",
    "10, 1, 3, 5, 2, 2, false",
    "10, 3, 3, 5, 2, 3, true",
    "12, 2, 6, 8, 8, 1, true",
  })
  void isWhatTokensOneByOneGive(
      int hidden,
      int keyHeads,
      int valueHeads,
      int keys,
      int values,
      int width,
      boolean byKeyHead) {
    TestDeltaNet config =
        new TestDeltaNet(hidden, keyHeads, valueHeads, keys, values, width, byKeyHead);
    DeltaNet net = config.operator();
    Random random = new Random(17);
    SublayerWeights weights = config.weights(random);
    int[] lengths = {1, 20, 3, 70};
    int tokens = Arrays.stream(lengths).sum();
    float[] x = RandomModel.gaussian(random, tokens * hidden, 1);
    float[] y = new float[x.length];
    float[] seen = new float[tokens * net.output().columns()];
    Taps taps =
        (site, count, columns, inputs) -> {
          if (site.equals(config.out())) {
            System.arraycopy(inputs, 0, seen, 0, count * columns);
          }
        };
    assertTrue(new DeltaNetPass().run(net, new Slab(weights, lengths, taps, null), x, y));
    NaiveDeltaNet naive = new NaiveDeltaNet(net, weights);
    int row = 0;
    for (int length : lengths) {
      double[][] results = naive.results(rows(x, row, length, hidden));
      assertClose(results, seen, row);
      assertClose(NaiveBlock.linear(results, weights.linear(net.output())), y, row);
      row += length;
    }
  }

  private static double[][] rows(float[] x, int first, int count, int width) {
    double[][] rows = new double[count][width];
    for (int t = 0; t < count; t++) {
      for (int c = 0; c < width; c++) {
        rows[t][c] = x[(first + t) * width + c];
      }
    }
    return rows;
  }

  private static void assertClose(double[][] expected, float[] found, int firstRow) {
    double largest =
        Arrays.stream(expected).flatMapToDouble(Arrays::stream).map(Math::abs).max().orElseThrow();
    for (int t = 0; t < expected.length; t++) {
      for (int c = 0; c < expected[t].length; c++) {
        assertEquals(
            expected[t][c], found[(firstRow + t) * expected[t].length + c], 1e-5 * largest);
      }
    }
  }

  @Test
  void sequencesKnowNothingOfEachOther() {
    TestDeltaNet config = new TestDeltaNet(12, 2, 4, 8, 6, 4, true);
    Random random = new Random(3);
    SublayerWeights weights = config.weights(random);
    float[] x = RandomModel.gaussian(random, 90 * 12, 1);
    float[] both = new float[x.length];
    float[] second = new float[70 * 12];
    DeltaNetPass pass = new DeltaNetPass();
    pass.run(config.operator(), new Slab(weights, new int[] {20, 70}, Taps.NONE, null), x, both);
    float[] alone = Arrays.copyOfRange(x, 20 * 12, x.length);
    pass.run(config.operator(), new Slab(weights, new int[] {70}, Taps.NONE, null), alone, second);
    assertArrayEquals(Arrays.copyOfRange(both, 20 * 12, both.length), second);
  }

  @Test
  void longSequencesGoThroughInPieces() {
    TestDeltaNet config = new TestDeltaNet(12, 2, 4, 8, 6, 4, true);
    Random random = new Random(9);
    SublayerWeights weights = config.weights(random);
    int[] lengths = {1200, 5, 600};
    float[] x = RandomModel.gaussian(random, 1805 * 12, 1);
    float[] y = new float[x.length];
    float[] seen = new float[1805 * 24];
    int[] end = new int[1];
    Taps taps =
        (site, count, columns, inputs) -> {
          if (site.equals(config.out())) {
            System.arraycopy(inputs, 0, seen, end[0], count * columns);
            end[0] += count * columns;
          }
        };
    DeltaNet net = config.operator();
    assertTrue(new DeltaNetPass().run(net, new Slab(weights, lengths, taps, null), x, y));
    assertEquals(seen.length, end[0]);
    NaiveDeltaNet naive = new NaiveDeltaNet(net, weights);
    int row = 0;
    for (int length : lengths) {
      double[][] results = naive.results(rows(x, row, length, 12));
      assertClose(results, seen, row);
      assertClose(NaiveBlock.linear(results, weights.linear(net.output())), y, row);
      row += length;
    }
    // The beginning does not know how long the sequence is.
    float[] some = new float[40 * 12];
    new DeltaNetPass().run(net, new Slab(weights, new int[] {40}, Taps.NONE, null), x, some);
    assertArrayEquals(some, Arrays.copyOf(y, some.length));
  }

  @Test
  void decaysBeyondAllFloatsForgetEverything() {
    TestDeltaNet config = new TestDeltaNet(12, 1, 2, 8, 6, 1, false);
    SublayerWeights weights = config.weights(new Random(8));
    Map<String, float[]> vectors = new HashMap<>(weights.vectors());
    vectors.put("rate", new float[] {120, 120});
    weights = new SublayerWeights(weights.matrices(), vectors);
    float[] x = RandomModel.gaussian(new Random(4), 70 * 12, 1);
    float[] y = new float[x.length];
    DeltaNetPass pass = new DeltaNetPass();
    pass.run(config.operator(), new Slab(weights, new int[] {70}, Taps.NONE, null), x, y);
    // Without a memory and a convolution, each token is a sequence of its own.
    int[] ones = new int[70];
    Arrays.fill(ones, 1);
    float[] apart = new float[x.length];
    pass.run(config.operator(), new Slab(weights, ones, Taps.NONE, null), x, apart);
    assertArrayEquals(apart, y, 1e-5f);
  }

  @Test
  void stopsWhereItIsAsked() {
    TestDeltaNet config = new TestDeltaNet(12, 2, 4, 8, 6, 4, false);
    SublayerWeights weights = config.weights(new Random(3));
    float[] x = RandomModel.gaussian(new Random(4), 5 * 12, 1);
    List<Site> seen = new ArrayList<>();
    Taps taps = (site, count, columns, inputs) -> seen.add(site);
    for (Site last : List.of(config.in(), config.out())) {
      Slab slab = new Slab(weights, new int[] {5}, taps, last);
      assertFalse(new DeltaNetPass().run(config.operator(), slab, x, new float[x.length]));
    }
    assertEquals(List.of(config.in(), config.in(), config.out()), seen);
  }

  @Test
  void keyHeadsThatCannotBeSharedAreRefused() {
    TestDeltaNet config = new TestDeltaNet(12, 2, 3, 8, 6, 4, false);
    String message = assertThrows(IllegalArgumentException.class, config::operator).getMessage();
    assertEquals("3 value heads of a delta-net are no multiple of its 2 key heads", message);
  }
}
