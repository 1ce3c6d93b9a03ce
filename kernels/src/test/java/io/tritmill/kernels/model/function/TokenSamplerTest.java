package io.tritmill.kernels.model.function;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TokenSamplerTest {
  private static final int DRAWN = 40_000;

  @Test
  void withoutTemperatureTheMostLikelyTokenIsTakenAndOfEqualOnesTheFirst() {
    TokenSampler sampler = new TokenSampler(new Sampling(0, 3, 0.5, 9));
    assertEquals(2, sampler.next(new float[] {-1, 0, 4, 4, 3}));
    assertEquals(0, sampler.next(new float[] {-1}));
    assertEquals(1, sampler.next(new float[] {Float.NEGATIVE_INFINITY, -8, -8}));
  }

  @ParameterizedTest
  @CsvSource({
    "1, 0, 1",
    "0.7, 0, 1",
    "2, 3, 1",
    "1, 0, 0.6",
    "1.5, 4, 0.8",
    "0.3, 1, 1",
    "1, 0, 1e-9",
    "1, 50, 0.999"
  })
  void tokensAreDrawnAsOftenAsTheirProbabilitiesSay(double temperature, int topK, double topP) {
    float[] logits = {0.3f, -1.2f, 2.1f, 0.3f, 1.7f, -4, 1.69f, Float.NEGATIVE_INFINITY};
    double[] expected = expected(logits, temperature, topK, topP);
    TokenSampler sampler = new TokenSampler(new Sampling(temperature, topK, topP, 17));
    int[] counts = new int[logits.length];
    float[] given = logits.clone();
    for (int i = 0; i < DRAWN; i++) {
      counts[sampler.next(given)]++;
    }
    assertArrayEquals(logits, given);
    for (int token = 0; token < logits.length; token++) {
      double deviation = Math.sqrt(DRAWN * expected[token] * (1 - expected[token]));
      assertEquals(DRAWN * expected[token], counts[token], 5 * deviation, "token " + token);
    }
  }

  /** By the definition: temperature, the most likely k, of these those that reach p. */
  private static double[] expected(float[] logits, double temperature, int topK, double topP) {
    double[] shares = new double[logits.length];
    for (int token = 0; token < logits.length; token++) {
      shares[token] = Math.exp(logits[token] / temperature);
    }
    Integer[] order = IntStream.range(0, logits.length).boxed().toArray(Integer[]::new);
    Arrays.sort(order, (a, b) -> Double.compare(shares[b], shares[a]));
    int left = topK == 0 ? order.length : Math.min(topK, order.length);
    double all = 0;
    for (int i = 0; i < left; i++) {
      all += shares[order[i]];
    }
    double reached = 0;
    double[] expected = new double[logits.length];
    for (int i = 0; i < left && reached < topP * all; i++) {
      expected[order[i]] = shares[order[i]];
      reached += shares[order[i]];
    }
    for (int token = 0; token < expected.length; token++) {
      expected[token] /= reached;
    }
    return expected;
  }

  @Test
  void aSeedDrawsTheSameTokensAndAnotherOneOthers() {
    float[] logits = new float[1000];
    Random random = new Random(4);
    for (int i = 0; i < logits.length; i++) {
      logits[i] = (float) random.nextGaussian();
    }
    int[] first = draw(logits, 5);
    assertArrayEquals(first, draw(logits, 5));
    assertTrue(!Arrays.equals(first, draw(logits, 6)));
  }

  private static int[] draw(float[] logits, long seed) {
    TokenSampler sampler = new TokenSampler(new Sampling(1, 0, 0.9, seed));
    return IntStream.range(0, 50).map(i -> sampler.next(logits)).toArray();
  }

  @Test
  void whatIsNoDistributionIsRefused() {
    TokenSampler sampler = new TokenSampler(Sampling.GREEDY);
    assertThrows(IllegalArgumentException.class, () -> sampler.next(new float[] {0, Float.NaN, 1}));
    assertThrows(IllegalArgumentException.class, () -> new Sampling(-0.1, 0, 1, 0));
    assertThrows(IllegalArgumentException.class, () -> new Sampling(Double.NaN, 0, 1, 0));
    assertThrows(IllegalArgumentException.class, () -> new Sampling(1, -1, 1, 0));
    assertThrows(IllegalArgumentException.class, () -> new Sampling(1, 0, 0, 0));
    assertThrows(IllegalArgumentException.class, () -> new Sampling(1, 0, 1.1, 0));
  }
}
