package io.tritmill.kernels.model.forward;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import io.tritmill.kernels.model.Rope;
import io.tritmill.kernels.model.Rotations;
import io.tritmill.kernels.model.Site;
import io.tritmill.kernels.model.loss.AttentionConcentration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class LatentAttentionPassTest {
  private static Rope rope(int size, boolean interleaved) {
    return new Rope(10_000, new Rope.None(), size, interleaved, 1);
  }

  private static TestLatent compressed() {
    return new TestLatent(24, 4, 6, 5, 8, 12, rope(4, true));
  }

  static Stream<TestLatent> configs() {
    Rope stretched = new Rope(10_000, new Rope.Yarn(8, 64, 32, 1, true), 8, true, 1.1);
    return Stream.of(
        compressed(),
        new TestLatent(24, 4, 6, 5, 8, 0, rope(4, false)),
        new TestLatent(24, 4, 6, 5, 8, 12, stretched),
        // Values wider than queries, and narrower; one head; a latent narrower than a head.
        new TestLatent(17, 3, 2, 11, 7, 5, rope(2, false)),
        new TestLatent(17, 1, 13, 1, 3, 0, rope(6, true)),
        new TestLatent(33, 5, 1, 16, 32, 9, rope(16, true)));
  }

  private static float[] run(TestLatent config, SublayerWeights weights, float[] x, int[] lengths) {
    int longest = Arrays.stream(lengths).max().orElseThrow();
    float[] y = new float[x.length];
    new OperatorPasses(config.hidden(), Rotations.NONE, longest)
        .run(config.operator(), new Slab(weights, lengths, Taps.NONE, null), x, y);
    return y;
  }

  private static double[][] rows(float[] x, int at, int length, int width) {
    return IntStream.range(at, at + length)
        .mapToObj(t -> IntStream.range(0, width).mapToDouble(c -> x[t * width + c]).toArray())
        .toArray(double[][]::new);
  }

  @ParameterizedTest
  @MethodSource("configs")
  void equalsThePaperInDouble(TestLatent config) {
    Random random = new Random(23);
    SublayerWeights weights = config.weights(random);
    int[] lengths = {1, 13, 150, 2};
    int hidden = config.hidden();
    float[] x = RandomModel.gaussian(random, Arrays.stream(lengths).sum() * hidden, 1);
    float[] y = run(config, weights, x, lengths);
    int at = 0;
    for (int length : lengths) {
      double[][] expected =
          new NaiveLatentAttention(config, weights).forward(rows(x, at, length, hidden));
      double[][] found = rows(y, at, length, hidden);
      for (int t = 0; t < length; t++) {
        assertArrayEquals(expected[t], found[t], 2e-5, "token %d of %d".formatted(t, length));
      }
      at += length;
    }
  }

  /** Alone, the last one is longer than a slab and runs a few heads at a time. */
  @ParameterizedTest
  @MethodSource("configs")
  void sequencesDoNotKnowTheirNeighbours(TestLatent config) {
    Random random = new Random(29);
    SublayerWeights weights = config.weights(random);
    int[] lengths = {70, 1, 1300};
    int hidden = config.hidden();
    float[] x = RandomModel.gaussian(random, 1371 * hidden, 1);
    float[] together = run(config, weights, x, lengths);
    int at = 0;
    for (int length : lengths) {
      float[] alone = Arrays.copyOfRange(x, at * hidden, (at + length) * hidden);
      assertArrayEquals(
          run(config, weights, alone, new int[] {length}),
          Arrays.copyOfRange(together, at * hidden, (at + length) * hidden));
      at += length;
    }
  }

  @ParameterizedTest
  @MethodSource("configs")
  void stopsWhereItIsToldAndShowsWhatCameThere(TestLatent config) {
    Random random = new Random(31);
    SublayerWeights weights = config.weights(random);
    float[] x = RandomModel.gaussian(random, 64 * config.hidden(), 1);
    double[][] inputs = rows(x, 0, 64, config.hidden());
    NaiveLatentAttention naive = new NaiveLatentAttention(config, weights);
    Map<Site, double[][]> expected = new HashMap<>();
    expected.put(config.inputs(), inputs);
    expected.put(config.queries(), naive.queryLatents(inputs));
    expected.put(config.latents(), naive.latents(inputs));
    expected.put(config.results(), naive.results(inputs));
    List<Site> sites =
        config.operator().modules().stream().map(module -> module.site()).distinct().toList();
    assertEquals(expected.keySet(), Set.copyOf(sites));
    OperatorPasses passes = new OperatorPasses(config.hidden(), Rotations.NONE, 64);
    for (int last = 0; last < sites.size(); last++) {
      Map<Site, double[][]> seen = new HashMap<>();
      Taps taps =
          (site, tokens, columns, values) -> seen.put(site, rows(values, 0, tokens, columns));
      Slab slab = new Slab(weights, new int[] {64}, taps, sites.get(last));
      assertFalse(passes.run(config.operator(), slab, x, new float[x.length]));
      assertEquals(Set.copyOf(sites.subList(0, last + 1)), seen.keySet());
      for (Map.Entry<Site, double[][]> one : seen.entrySet()) {
        for (int t = 0; t < 64; t++) {
          assertArrayEquals(expected.get(one.getKey())[t], one.getValue()[t], 2e-5, "token " + t);
        }
      }
    }
  }

  @Test
  void tilesShowHowMuchTokensLookAtOneAnother() {
    TestLatent config = compressed();
    assertConcentration(config, 100, 60);
    assertConcentration(config, 1300);
  }

  private static void assertConcentration(TestLatent config, int... lengths) {
    int tokens = Arrays.stream(lengths).sum();
    Random random = new Random(37);
    SublayerWeights weights = config.weights(random);
    float[] x = RandomModel.gaussian(random, tokens * config.hidden(), 1);
    AttentionConcentration concentration = new AttentionConcentration(tokens);
    new OperatorPasses(config.hidden(), Rotations.NONE, tokens)
        .run(
            config.operator(),
            new Slab(weights, lengths, concentration, null),
            x,
            new float[x.length]);
    float[] sums = concentration.sums();
    int at = 0;
    for (int length : lengths) {
      double total = 0;
      for (int t = at; t < at + length; t++) {
        total += sums[t];
      }
      assertEquals(config.heads() * length, total, 1e-5 * total);
      at += length;
    }
  }
}
