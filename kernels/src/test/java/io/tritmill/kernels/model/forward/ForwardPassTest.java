package io.tritmill.kernels.model.forward;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.tritmill.kernels.model.Rope;
import io.tritmill.kernels.model.Site;
import io.tritmill.kernels.model.forward.TestBlock.Part;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

public class ForwardPassTest {
  private static final Set<Part> ALL_BIASED =
      EnumSet.of(Part.QUERY, Part.KEY, Part.VALUE, Part.OUTPUT, Part.GATE, Part.UP, Part.DOWN);

  private static TestBlock config(
      int hidden,
      int intermediate,
      int heads,
      int keyValueHeads,
      int headSize,
      Rope.Scaling scaling,
      Set<Part> biased,
      int window) {
    return new TestBlock(
        50,
        hidden,
        intermediate,
        heads,
        keyValueHeads,
        headSize,
        1e-5f,
        10_000,
        scaling,
        biased,
        window);
  }

  public static TestBlock grouped() {
    return config(24, 40, 4, 2, 6, new Rope.None(), Set.of(), 0);
  }

  static Stream<TestBlock> configs() {
    return Stream.of(
        config(32, 64, 4, 4, 8, new Rope.None(), Set.of(), 0),
        grouped(),
        config(17, 23, 3, 1, 10, new Rope.None(), ALL_BIASED, 0),
        config(16, 30, 2, 1, 2, new Rope.Linear(4), EnumSet.of(Part.QUERY, Part.DOWN), 0),
        config(16, 30, 4, 2, 8, new Rope.Llama3(8, 1, 4, 64), Set.of(), 0),
        config(16, 30, 4, 2, 8, new Rope.None(), Set.of(), 5),
        config(16, 30, 4, 2, 8, new Rope.None(), Set.of(), 1),
        config(16, 30, 4, 2, 8, new Rope.None(), ALL_BIASED, 70));
  }

  @ParameterizedTest
  @MethodSource("configs")
  void equalsThePapersInDouble(TestBlock config) {
    Random random = new Random(7);
    TestWeights weights = RandomModel.block(config, random);
    // One tile; several tiles; more than a slab.
    int[] lengths = {1, 13, 64, 150, 530, 2};
    float[] x = RandomModel.gaussian(random, Arrays.stream(lengths).sum() * config.hidden(), 1);
    float[] y = x.clone();
    new TestPass(config, 530).forward(weights, y, lengths, Taps.NONE);
    int at = 0;
    for (int length : lengths) {
      double[][] expected = new NaiveBlock(config, weights).forward(rows(x, at, length, config));
      for (int t = 0; t < length; t++) {
        for (int c = 0; c < config.hidden(); c++) {
          double found = y[(at + t) * config.hidden() + c];
          assertEquals(
              expected[t][c], found, 2e-5, "token %d of %d, column %d".formatted(t, length, c));
        }
      }
      at += length;
    }
  }

  @Test
  void sequencesDoNotKnowTheirNeighbours() {
    TestBlock config = grouped();
    Random random = new Random(11);
    TestWeights weights = RandomModel.block(config, random);
    int[] lengths = {200, 1, 300, 77, 600, 5, 5};
    int hidden = config.hidden();
    float[] together = RandomModel.gaussian(random, Arrays.stream(lengths).sum() * hidden, 1);
    float[] before = together.clone();
    TestPass block = new TestPass(config, 600);
    block.forward(weights, together, lengths, Taps.NONE);
    int at = 0;
    for (int length : lengths) {
      float[] alone = Arrays.copyOfRange(before, at * hidden, (at + length) * hidden);
      block.forward(weights, alone, new int[] {length}, Taps.NONE);
      float[] among = Arrays.copyOfRange(together, at * hidden, (at + length) * hidden);
      assertArrayEquals(alone, among, "sequence of " + length);
      at += length;
    }
  }

  @Test
  void aSublayerThatStoppedAtItsLastModuleIsEndedThere() {
    TestBlock config = grouped();
    Random random = new Random(12);
    TestWeights weights = RandomModel.block(config, random);
    int[] lengths = {200, 300, 77};
    float[] whole = RandomModel.gaussian(random, 577 * config.hidden(), 1);
    float[] inParts = whole.clone();
    TestPass block = new TestPass(config, 300);
    block.forward(weights, whole, lengths, Taps.NONE);
    Seen output = new Seen(config.outputSite(), new ArrayList<>());
    block.attend(weights, inParts, lengths, output, config.outputSite());
    output.forEach((count, slab, at) -> block.leaveFirst(weights, count, slab, inParts, at));
    Seen down = new Seen(config.downSite(), new ArrayList<>());
    block.feedForward(weights, inParts, lengths, down, config.downSite());
    down.forEach((count, slab, at) -> block.leaveSecond(weights, count, slab, inParts, at));
    assertArrayEquals(whole, inParts);
  }

  /** What entered the module that a sublayer ends with, a slab each. */
  private record Seen(Site last, List<float[]> slabs) implements Taps {
    @Override
    public void see(Site site, int tokens, int columns, float[] inputs) {
      if (site.equals(last)) {
        slabs.add(Arrays.copyOf(inputs, tokens * columns));
      }
    }

    void forEach(Leave leave) {
      int token = 0;
      for (float[] slab : slabs) {
        int count = slab.length / last.width();
        leave.take(count, slab, token);
        token += count;
      }
    }

    private interface Leave {
      void take(int count, float[] slab, int at);
    }
  }

  @Test
  void laterTokensChangeNothingBefore() {
    TestBlock config = grouped();
    Random random = new Random(13);
    TestWeights weights = RandomModel.block(config, random);
    float[] whole = RandomModel.gaussian(random, 150 * config.hidden(), 1);
    float[] prefix = Arrays.copyOf(whole, 101 * config.hidden());
    TestPass block = new TestPass(config, 150);
    block.forward(weights, whole, new int[] {150}, Taps.NONE);
    block.forward(weights, prefix, new int[] {101}, Taps.NONE);
    assertArrayEquals(prefix, Arrays.copyOf(whole, prefix.length));
  }

  @Test
  void aWindowAsLongAsTheSequenceHidesNothing() {
    Random random = new Random(17);
    TestBlock open = config(16, 30, 4, 2, 8, new Rope.None(), Set.of(), 0);
    TestBlock windowed = config(16, 30, 4, 2, 8, new Rope.None(), Set.of(), 140);
    TestWeights weights = RandomModel.block(open, random);
    float[] x = RandomModel.gaussian(random, 140 * 16, 1);
    float[] y = x.clone();
    new TestPass(open, 140).forward(weights, x, new int[] {140}, Taps.NONE);
    new TestPass(windowed, 140).forward(weights, y, new int[] {140}, Taps.NONE);
    assertArrayEquals(x, y);
  }

  @Test
  void tapsSeeWhatEntersTheLinearModules() {
    TestBlock config = config(17, 23, 3, 1, 10, new Rope.None(), ALL_BIASED, 0);
    Random random = new Random(19);
    TestWeights weights = RandomModel.block(config, random);
    int[] lengths = {300, 300, 7};
    float[] x = RandomModel.gaussian(random, 607 * 17, 1);
    float[] before = x.clone();
    Map<Site, double[][]> seen = new HashMap<>();
    Map<Site, Integer> tokensSeen = new HashMap<>();
    for (Site site : config.architecture().sites()) {
      seen.put(site, new double[607][]);
    }
    new TestPass(config, 300)
        .forward(
            weights,
            x,
            lengths,
            (site, tokens, columns, inputs) -> {
              int first = tokensSeen.merge(site, tokens, Integer::sum) - tokens;
              for (int t = 0; t < tokens; t++) {
                seen.get(site)[first + t] = new double[columns];
                for (int c = 0; c < columns; c++) {
                  seen.get(site)[first + t][c] = inputs[t * columns + c];
                }
              }
            });
    NaiveBlock naive = new NaiveBlock(config, weights);
    int at = 0;
    for (int length : lengths) {
      double[][] input = rows(before, at, length, config);
      double[][] normed = naive.norm(input, weights.attentionNorm());
      assertClose(normed, seen.get(config.attentionSite()), at);
      assertClose(naive.attention(normed), seen.get(config.outputSite()), at);
      // What down read must explain what it wrote, given what gate and up read.
      double[][] gate =
          NaiveBlock.linear(
              Arrays.copyOfRange(seen.get(config.feedForwardSite()), at, at + length),
              weights.gate());
      double[][] up =
          NaiveBlock.linear(
              Arrays.copyOfRange(seen.get(config.feedForwardSite()), at, at + length),
              weights.up());
      for (int t = 0; t < length; t++) {
        for (int i = 0; i < config.intermediate(); i++) {
          gate[t][i] = gate[t][i] / (1 + Math.exp(-gate[t][i])) * up[t][i];
        }
      }
      assertClose(gate, seen.get(config.downSite()), at);
      double[][] middle = NaiveBlock.linear(naive.attention(normed), weights.output());
      for (int t = 0; t < length; t++) {
        for (int c = 0; c < config.hidden(); c++) {
          middle[t][c] += input[t][c];
        }
      }
      assertClose(
          naive.norm(middle, weights.feedForwardNorm()), seen.get(config.feedForwardSite()), at);
      at += length;
    }
    assertEquals(Set.of(607), Set.copyOf(tokensSeen.values()));
  }

  private static void assertClose(double[][] expected, double[][] found, int at) {
    for (int t = 0; t < expected.length; t++) {
      assertArrayEquals(expected[t], found[at + t], 3e-5, "token " + t);
    }
  }

  private static double[][] rows(float[] x, int at, int length, TestBlock config) {
    double[][] rows = new double[length][config.hidden()];
    for (int t = 0; t < length; t++) {
      for (int c = 0; c < config.hidden(); c++) {
        rows[t][c] = x[(at + t) * config.hidden() + c];
      }
    }
    return rows;
  }
}
