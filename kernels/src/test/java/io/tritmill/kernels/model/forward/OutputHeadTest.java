package io.tritmill.kernels.model.forward;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

class OutputHeadTest {
  private static final int HIDDEN = 33;
  private static final int VOCABULARY = 23;

  @Test
  void bandsGiveTheLogitsOfTheNormedRows() {
    TestBlock config = TestBlock.head(VOCABULARY, HIDDEN, 1e-5f);
    Random random = new Random(23);
    float[] gains = RandomModel.gains(random, HIDDEN);
    float[] head = RandomModel.gaussian(random, VOCABULARY * HIDDEN, 0.2);
    float[] x = RandomModel.gaussian(random, 3 * HIDDEN, 2);
    float[] normed = x.clone();
    OutputHead outputHead = new OutputHead(config.architecture(), gains);
    outputHead.normalize(3, normed);
    for (int firstToken = 0; firstToken < VOCABULARY; firstToken += 10) {
      int width = Math.min(10, VOCABULARY - firstToken);
      float[] band = Arrays.copyOfRange(head, firstToken * HIDDEN, (firstToken + width) * HIDDEN);
      float[] logits = new float[2 * width];
      outputHead.logits(1, 2, normed, width, band, logits);
      for (int row = 0; row < 2; row++) {
        for (int v = 0; v < width; v++) {
          double expected = logit(x, row + 1, gains, head, firstToken + v);
          assertEquals(expected, logits[row * width + v], 1e-5);
        }
      }
    }
  }

  private static double logit(float[] x, int row, float[] gains, float[] head, int token) {
    double squares = 0;
    double product = 0;
    for (int c = 0; c < HIDDEN; c++) {
      double value = x[row * HIDDEN + c];
      squares += value * value;
      product += value * gains[c] * head[token * HIDDEN + c];
    }
    return product / Math.sqrt(squares / HIDDEN + 1e-5);
  }
}
