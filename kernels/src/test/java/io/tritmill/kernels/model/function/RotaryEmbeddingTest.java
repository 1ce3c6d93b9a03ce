package io.tritmill.kernels.model.function;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.tritmill.kernels.model.Rope;
import org.junit.jupiter.api.Test;

class RotaryEmbeddingTest {
  @Test
  void plainFrequenciesArePowersOfTheta() {
    double[] frequencies = RotaryEmbedding.frequencies(new Rope(10_000, new Rope.None(), 8));
    assertArrayEquals(new double[] {1, 0.1, 0.01, 0.001}, frequencies, 1e-15);
  }

  @Test
  void linearScalingDividesAll() {
    double[] frequencies = RotaryEmbedding.frequencies(new Rope(10_000, new Rope.Linear(4), 8));
    assertArrayEquals(new double[] {0.25, 0.025, 0.0025, 0.00025}, frequencies, 1e-15);
  }

  @Test
  void proportionalPairsBeyondTheFirstDoNotTurn() {
    Rope rope = new Rope(10_000, new Rope.Proportional(2, 4), 8);
    double[] frequencies = RotaryEmbedding.frequencies(rope);
    assertArrayEquals(new double[] {0.25, 0.025, 0, 0}, frequencies, 1e-15);
  }

  /**
   * An original context of 2000 pi positions makes 1000, 100, 10 and 1 turns of the four pairs. On
   * a ramp from 1.1 to 18.9 turns the first two stay, the third lies half way, the last is divided.
   */
  @Test
  void llama3ScalingRampsBetweenShortAndLongWaves() {
    int positions = 6283;
    Rope rope = new Rope(10_000, new Rope.Llama3(8, 1.1, 18.9, positions), 8);
    double[] frequencies = RotaryEmbedding.frequencies(rope);
    assertEquals(1, frequencies[0], 1e-15);
    assertEquals(0.1, frequencies[1], 1e-15);
    assertEquals((0.01 + 0.01 / 8) / 2, frequencies[2], 1e-6);
    assertEquals(0.001 / 8, frequencies[3], 1e-15);
  }

  /** Llama 3.1 8B: pair 28 stays, pair 30 is on the ramp, pair 63 is divided. */
  @Test
  void llama3ScalingOfThePublishedModel() {
    Rope rope = new Rope(500_000, new Rope.Llama3(8, 1, 4, 8192), 128);
    double[] frequencies = RotaryEmbedding.frequencies(rope);
    assertEquals(0.0032114459947525913, frequencies[28], 1e-15);
    assertEquals(0.0013718935677611381, frequencies[30], 1e-15);
    assertEquals(3.068925988914511e-07, frequencies[63], 1e-19);
  }

  @Test
  void pairsLieHalfAHeadApart() {
    // Head size 4, position 1: pair 0 = (x0, x2) turns by 1, pair 1 = (x1, x3) by 0.01.
    RotaryEmbedding rotary = new RotaryEmbedding(new Rope(10_000, new Rope.None(), 4), 4, 2);
    float[] x = {9, 1, 2, 3, 4, 1, 2, 3, 4};
    rotary.rotate(0, 2, 1, x, 1);
    float[] expected = {
      9,
      1,
      2,
      3,
      4,
      (float) (Math.cos(1) - 3 * Math.sin(1)),
      (float) (2 * Math.cos(0.01) - 4 * Math.sin(0.01)),
      (float) (3 * Math.cos(1) + Math.sin(1)),
      (float) (4 * Math.cos(0.01) + 2 * Math.sin(0.01))
    };
    assertArrayEquals(expected, x, 1e-6f);
  }

  @Test
  void pairsMayBeNeighboursAndTheRestOfAHeadStays() {
    // Head size 5, 4 of it turned, position 1: (x0, x1) by 1, (x2, x3) by 0.01.
    Rope rope = new Rope(10_000, new Rope.None(), 4, true, 1);
    RotaryEmbedding rotary = new RotaryEmbedding(rope, 5, 2);
    float[] x = {1, 2, 3, 4, 5, 1, 2, 3, 4, 5};
    rotary.rotate(0, 2, 1, x, 0);
    float[] expected = {
      1,
      2,
      3,
      4,
      5,
      (float) (Math.cos(1) - 2 * Math.sin(1)),
      (float) (2 * Math.cos(1) + Math.sin(1)),
      (float) (3 * Math.cos(0.01) - 4 * Math.sin(0.01)),
      (float) (4 * Math.cos(0.01) + 3 * Math.sin(0.01)),
      5
    };
    assertArrayEquals(expected, x, 1e-6f);
    rotary.turnBack(1, x, 5);
    assertArrayEquals(new float[] {1, 2, 3, 4, 5, 1, 2, 3, 4, 5}, x, 1e-6f);
  }
}
