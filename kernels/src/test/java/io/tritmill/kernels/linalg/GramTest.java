package io.tritmill.kernels.linalg;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tritmill.kernels.simd.ColumnProducts;
import io.tritmill.kernels.tensor.Matrix;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Gram matrices against plain sums in double. */
class GramTest {
  /** See {@link ColumnProducts}: the worst that a chain can do, relative to absolute products. */
  private static final double BOUND = ColumnProducts.CHAIN * 0x1p-24;

  @ParameterizedTest
  @CsvSource({
    "1, 1",
    "3, 2",
    "2, 3",
    "100, 5",
    "1000, 13",
    "500, 64",
    "900, 127",
    "300, 207",
    "60, 702",
    "0, 4"
  })
  void sumsAreThoseOfPlainLoops(int tokens, int columns) {
    float[] x = RandomValues.normal(tokens * columns, 1);
    GramAccumulator chunk = new GramAccumulator(columns);
    chunk.add(tokens, x);
    Gram gram = chunk.finish();
    assertEquals(tokens, gram.tokens());
    checkAgainst(x, null, gram.toMatrix(1));
  }

  @Test
  void weightsCountTokens() {
    int columns = 70;
    float[] x = RandomValues.normal(1000 * columns, 2);
    float[] weights = new float[1000];
    for (int t = 0; t < 1000; t++) {
      weights[t] = t % 7 / 3f;
    }
    GramAccumulator chunk = new GramAccumulator(columns);
    chunk.add(1000, x, weights);
    checkAgainst(x, weights, chunk.finish().toMatrix(1));
    assertThrows(
        IllegalArgumentException.class,
        () -> new GramAccumulator(1).add(1, new float[1], new float[] {-1}));
    assertThrows(
        IllegalArgumentException.class,
        () -> new GramAccumulator(1).add(1, new float[1], new float[] {Float.NaN}));
  }

  @Test
  void theWeightOneChangesNothing() {
    float[] x = RandomValues.normal(900 * 40, 3);
    float[] ones = new float[900];
    java.util.Arrays.fill(ones, 1);
    GramAccumulator plain = new GramAccumulator(40);
    plain.add(900, x);
    GramAccumulator weighted = new GramAccumulator(40);
    weighted.add(900, x, ones);
    assertSame(plain.finish(), weighted.finish());
  }

  @ParameterizedTest
  @CsvSource({"1, 1", "600, 5", "1100, 256", "1100, 700", "300, 1025"})
  void someStripsHaveTheBitsOfAll(int tokens, int columns) {
    float[] x = RandomValues.normal(tokens * columns, 5);
    float[] y = RandomValues.normal(tokens * 3, 6);
    float[] weights = new float[tokens];
    for (int t = 0; t < tokens; t++) {
      weights[t] = 1 + t % 5 / 4f;
    }
    for (float[] weighed : new float[][] {null, weights}) {
      GramAccumulator gram = new GramAccumulator(columns);
      CrossGram cross = new CrossGram(3, columns);
      if (weighed == null) {
        gram.add(tokens, x);
        cross.add(tokens, y, x);
      } else {
        gram.add(tokens, x, weighed);
        cross.add(tokens, y, x, weighed);
      }
      Gram whole = gram.finish();
      for (int s = 0; s < whole.strips(); s++) {
        int end = Math.min(whole.strips(), s + 2);
        StripSums square = StripSums.ofSquare(columns, s, end);
        StripSums product = StripSums.ofProduct(3, columns, s, end);
        for (int t = 0; t < tokens; t += ColumnProducts.CHAIN) {
          int count = Math.min(ColumnProducts.CHAIN, tokens - t);
          float[] xs = Arrays.copyOfRange(x, t * columns, (t + count) * columns);
          square.add(count, xs, xs, weighed, t);
          product.add(count, Arrays.copyOfRange(y, t * 3, (t + count) * 3), xs, weighed, t);
        }
        for (int one = s; one < end; one++) {
          assertArrayEquals(whole.strip(one).values(), square.strip(one).values());
          assertArrayEquals(cross.strip(one).values(), product.strip(one).values());
        }
        assertEquals(-1, square.firstNonFiniteColumn());
      }
    }
  }

  @Test
  void stripsTellWhichColumnIsNotFinite() {
    StripSums sums = StripSums.ofSquare(600, 1, 3);
    float[] x = new float[600];
    x[20] = Float.NaN; // In no column of these strips, but in a row of each.
    sums.add(1, x, x, null, 0);
    assertEquals(-1, sums.firstNonFiniteColumn());
    x[530] = Float.POSITIVE_INFINITY;
    sums.add(1, x, x, null, 1);
    assertEquals(530, sums.firstNonFiniteColumn());
  }

  @Property(tries = 30)
  void theBitsDoNotDependOnHowManyTokensArriveAtATime(
      @ForAll @IntRange(min = 1, max = 2500) int tokens,
      @ForAll @IntRange(min = 1, max = 40) int columns,
      @ForAll Random random) {
    float[] x = RandomValues.normal(tokens * columns, 4);
    GramAccumulator whole = new GramAccumulator(columns);
    whole.add(tokens, x);
    GramAccumulator parts = new GramAccumulator(columns);
    for (int t = 0; t < tokens; ) {
      int count = Math.min(tokens - t, 1 + random.nextInt(1000));
      parts.add(count, java.util.Arrays.copyOfRange(x, t * columns, (t + count) * columns));
      t += count;
    }
    assertSame(whole.finish(), parts.finish());
  }

  @Property(tries = 20)
  void theBitsDoNotDependOnPartitions(
      @ForAll @IntRange(min = 1, max = 12) int chunks, @ForAll Random random) {
    int columns = 300;
    List<Gram> once = new ArrayList<>();
    for (int chunk = 0; chunk < chunks; chunk++) {
      once.add(chunk(chunk, columns));
    }
    // Another cluster: chunks in another order, on which strips travel alone.
    List<Integer> order = new ArrayList<>();
    for (int chunk = 0; chunk < chunks; chunk++) {
      order.add(chunk);
    }
    Collections.shuffle(order, random);
    List<Gram> again = new ArrayList<>(Collections.nCopies(chunks, null));
    for (int chunk : order) {
      Gram gram = chunk(chunk, columns);
      List<Strip> strips = new ArrayList<>();
      for (int s = gram.strips() - 1; s >= 0; s--) {
        strips.add(gram.strip(s));
      }
      again.set(chunk, Gram.of(columns, gram.tokens(), strips));
    }
    assertSame(tree(once), tree(again));
  }

  @Test
  void aSumOfChunksIsTheGramOfAllTokens() {
    int columns = 45;
    float[] x = RandomValues.normal(1200 * columns, 6);
    Gram sum = null;
    for (int first = 0; first < 1200; first += 500) {
      int count = Math.min(500, 1200 - first);
      GramAccumulator chunk = new GramAccumulator(columns);
      chunk.add(count, java.util.Arrays.copyOfRange(x, first * columns, (first + count) * columns));
      Gram gram = chunk.finish();
      if (sum == null) {
        sum = gram;
      } else {
        sum.add(gram);
      }
    }
    assertEquals(1200, sum.tokens());
    checkAgainst(x, null, sum.toMatrix(1));
  }

  @Test
  void theErrorDoesNotGrowWithTheNumberOfTokens() {
    int tokens = 100_000;
    float[] x = new float[tokens];
    java.util.Arrays.fill(x, 0.1f);
    GramAccumulator chunk = new GramAccumulator(1);
    chunk.add(tokens, x);
    double exact = tokens * (0.1f * (double) 0.1f);
    assertEquals(exact, chunk.finish().diagonal()[0], BOUND * exact);
  }

  @Test
  void theDiagonalTellsDeadAndBrokenColumns() {
    float[] x = RandomValues.normal(10 * 300, 7);
    for (int t = 0; t < 10; t++) {
      x[t * 300 + 4] = 0;
    }
    GramAccumulator good = new GramAccumulator(300);
    good.add(10, x);
    Gram gram = good.finish();
    assertEquals(-1, gram.firstNonFiniteColumn());
    double mean = 0;
    for (int j = 0; j < 300; j++) {
      assertEquals(j == 4, gram.diagonal()[j] == 0);
      mean += gram.toMatrix(1).values()[j * 300 + j] / 300;
    }
    assertEquals(mean, gram.meanDiagonal(), 1e-6 * mean);
    x[7 * 300 + 290] = Float.POSITIVE_INFINITY;
    GramAccumulator bad = new GramAccumulator(300);
    bad.add(10, x);
    assertEquals(290, bad.finish().firstNonFiniteColumn());
  }

  @Test
  void misuseIsRefused() {
    GramAccumulator chunk = new GramAccumulator(3);
    assertThrows(IndexOutOfBoundsException.class, () -> chunk.add(2, new float[5]));
    Gram gram = chunk.finish();
    assertThrows(IllegalStateException.class, () -> chunk.add(1, new float[3]));
    assertThrows(IllegalStateException.class, chunk::finish);
    assertThrows(IllegalArgumentException.class, () -> gram.add(new GramAccumulator(4).finish()));
    assertThrows(IllegalArgumentException.class, () -> Gram.of(4, 0, List.of(gram.strip(0))));
    assertThrows(IllegalArgumentException.class, () -> Gram.of(3, 0, List.of()));
    assertThrows(IllegalArgumentException.class, () -> new GramAccumulator(0));
    assertThrows(IllegalArgumentException.class, () -> new Strip(0, 2, 2, new double[3]));
  }

  @ParameterizedTest
  @CsvSource({"5, 3, 2", "1000, 70, 300", "900, 257, 13"})
  void crossProducts(int tokens, int rows, int columns) {
    float[] x = RandomValues.normal(tokens * rows, 8);
    float[] y = RandomValues.normal(tokens * columns, 9);
    CrossGram cross = new CrossGram(rows, columns);
    cross.add(tokens / 3, x, y);
    int rest = tokens - tokens / 3;
    float[] weights = new float[rest];
    java.util.Arrays.fill(weights, 4);
    cross.add(
        rest,
        java.util.Arrays.copyOfRange(x, tokens / 3 * rows, x.length),
        java.util.Arrays.copyOfRange(y, tokens / 3 * columns, y.length),
        weights);
    assertEquals(tokens, cross.tokens());
    Matrix actual = cross.toMatrix(0.5);
    for (int i = 0; i < rows; i++) {
      for (int j = 0; j < columns; j++) {
        double sum = 0;
        double absolute = 0;
        for (int t = 0; t < tokens; t++) {
          double product = (double) x[t * rows + i] * y[t * columns + j];
          double weighted = (t < tokens / 3 ? 1 : 4) * 0.5 * product;
          sum += weighted;
          absolute += Math.abs(weighted);
        }
        assertEquals(sum, actual.values()[i * columns + j], 1.01 * BOUND * absolute);
      }
    }
  }

  /** Sums Gram matrices along a tree that their number alone decides. */
  private static Gram tree(List<Gram> grams) {
    List<Gram> level = grams;
    while (level.size() > 1) {
      List<Gram> next = new ArrayList<>();
      for (int i = 0; i < level.size(); i += 2) {
        if (i + 1 < level.size()) {
          level.get(i).add(level.get(i + 1));
        }
        next.add(level.get(i));
      }
      level = next;
    }
    return level.getFirst();
  }

  private static Gram chunk(int number, int columns) {
    GramAccumulator chunk = new GramAccumulator(columns);
    chunk.add(20 + number, RandomValues.normal((20 + number) * columns, 100 + number));
    return chunk.finish();
  }

  private static void assertSame(Gram expected, Gram actual) {
    assertEquals(expected.tokens(), actual.tokens());
    assertEquals(expected.strips(), actual.strips());
    for (int s = 0; s < expected.strips(); s++) {
      assertArrayEquals(expected.strip(s).values(), actual.strip(s).values(), 0);
    }
  }

  private static void checkAgainst(float[] x, float[] weights, Matrix actual) {
    int n = actual.columns();
    int tokens = x.length / n;
    for (int i = 0; i < n; i++) {
      for (int j = 0; j < n; j++) {
        double sum = 0;
        double absolute = 0;
        for (int t = 0; t < tokens; t++) {
          double weight = weights == null ? 1 : weights[t];
          double product = weight * x[t * n + i] * x[t * n + j];
          sum += product;
          absolute += Math.abs(product);
        }
        // One more rounding for each root of a weight, each scaled token and the float itself.
        double bound = (BOUND + 6 * 0x1p-24) * absolute;
        assertEquals(sum, actual.values()[i * n + j], bound);
        assertTrue(actual.values()[i * n + j] == actual.values()[j * n + i]);
      }
    }
  }
}
