package io.tritmill.kernels.model.function;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tritmill.kernels.model.DeltaNet;
import io.tritmill.kernels.model.forward.NaiveDeltaNet;
import io.tritmill.kernels.model.forward.RandomModel;
import io.tritmill.kernels.model.forward.TestDeltaNet;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Chunks against tokens one by one in double. */
class DeltaRuleTest {
  /** Inputs of one sequence behind rows of another one. */
  private record Sequence(DeltaNet net, int before, int tokens, DeltaRule.Inputs inputs) {
    static Sequence of(TestDeltaNet config, int tokens, double strongest, Random random) {
      DeltaNet net = config.operator();
      int before = 3;
      int rows = before + tokens;
      float[] x = RandomModel.gaussian(random, rows * net.channels(), 1);
      float[] strengths = new float[rows * net.valueHeads()];
      float[] decays = new float[strengths.length];
      for (int i = 0; i < strengths.length; i++) {
        strengths[i] = random.nextFloat();
        decays[i] = (float) (-strongest * Math.pow(random.nextDouble(), 3));
      }
      for (int row = 0; row < rows; row++) {
        for (int head = 0; head < 2 * net.keyHeads(); head++) {
          unit(x, row * net.channels() + head * net.keySize(), net.keySize());
        }
      }
      return new Sequence(net, before, tokens, new DeltaRule.Inputs(x, strengths, decays));
    }

    private static void unit(float[] x, int at, int size) {
      double square = 0;
      for (int i = at; i < at + size; i++) {
        square += x[i] * x[i];
      }
      for (int i = at; i < at + size; i++) {
        x[i] /= (float) Math.sqrt(square);
      }
    }

    float[] results(int count) {
      float[] results = new float[(before + tokens) * net.valueHeads() * net.valueSize()];
      DeltaRule rule = new DeltaRule();
      rule.begin(net, DeltaRule.memory(net));
      rule.run(inputs, before, count, results);
      return results;
    }

    double[][] expected(int head) {
      int keys = net.keySize();
      int keyAt = head / net.sharing() * keys;
      int valueAt = 2 * net.keyHeads() * keys + head * net.valueSize();
      double[] strengths = new double[tokens];
      double[] decays = new double[tokens];
      for (int t = 0; t < tokens; t++) {
        strengths[t] = inputs.strengths()[(before + t) * net.valueHeads() + head];
        decays[t] = inputs.decays()[(before + t) * net.valueHeads() + head];
      }
      return NaiveDeltaNet.rule(
          part(keyAt, keys),
          part(net.keyHeads() * keys + keyAt, keys),
          part(valueAt, net.valueSize()),
          strengths,
          decays);
    }

    private double[][] part(int at, int size) {
      double[][] part = new double[tokens][size];
      for (int t = 0; t < tokens; t++) {
        for (int i = 0; i < size; i++) {
          part[t][i] = inputs.x()[(before + t) * net.channels() + at + i];
        }
      }
      return part;
    }

    /** The largest difference as a share of the largest result. */
    double error() {
      float[] found = results(tokens);
      double largest = 0;
      double difference = 0;
      for (int head = 0; head < net.valueHeads(); head++) {
        double[][] expected = expected(head);
        for (int t = 0; t < tokens; t++) {
          for (int c = 0; c < net.valueSize(); c++) {
            int at = ((before + t) * net.valueHeads() + head) * net.valueSize() + c;
            largest = Math.max(largest, Math.abs(expected[t][c]));
            difference = Math.max(difference, Math.abs(expected[t][c] - found[at]));
          }
        }
      }
      return difference / largest;
    }
  }

  @ParameterizedTest
  @CsvSource({
    "1, 1, 4, 6, 1, 1",
    "2, 4, 4, 6, 7, 0.3",
    "1, 3, 5, 3, 63, 2",
    "3, 3, 16, 8, 64, 0.1",
    "2, 4, 8, 16, 65, 0",
    "1, 2, 32, 32, 200, 0.05",
    "2, 2, 128, 128, 300, 0.01",
    "1, 2, 16, 24, 150, 400",
    "1, 1, 64, 64, 2000, 0.002",
  })
  void chunksAreTokensOneByOne(
      int keyHeads, int valueHeads, int keys, int values, int tokens, double strongest) {
    TestDeltaNet config = new TestDeltaNet(8, keyHeads, valueHeads, keys, values, 4, false);
    long seed = 31L * tokens + keys;
    double error = Sequence.of(config, tokens, strongest, new Random(seed)).error();
    assertTrue(error <= 1e-6, () -> "seed %d: differs by %.2g".formatted(seed, error));
  }

  @Test
  void equalKeysReplaceWhatWasKept() {
    TestDeltaNet config = new TestDeltaNet(8, 1, 1, 8, 4, 4, false);
    Sequence sequence = Sequence.of(config, 130, 0, new Random(5));
    int wide = sequence.net().channels();
    float[] x = sequence.inputs().x();
    Arrays.fill(sequence.inputs().strengths(), 1);
    for (int t = 0; t < 133; t++) {
      System.arraycopy(x, 0, x, t * wide, 16);
      System.arraycopy(x, 8, x, t * wide, 8);
    }
    // With one key everywhere, full strength and queries that are the key, values come back.
    float[] found = sequence.results(130);
    for (int t = 3; t < 133; t++) {
      assertArrayEquals(
          Arrays.copyOfRange(x, t * wide + 16, t * wide + 20),
          Arrays.copyOfRange(found, t * 4, t * 4 + 4),
          1e-4f);
    }
  }

  @Test
  void piecesAreTheWhole() {
    TestDeltaNet config = new TestDeltaNet(8, 2, 4, 8, 6, 4, false);
    Sequence sequence = Sequence.of(config, 150, 0.2, new Random(7));
    float[] whole = sequence.results(150);
    float[] pieces = new float[whole.length];
    DeltaRule rule = new DeltaRule();
    for (int repeated = 0; repeated < 2; repeated++) {
      rule.begin(sequence.net(), DeltaRule.memory(sequence.net()));
      rule.run(sequence.inputs(), 3, 64, pieces);
      rule.run(sequence.inputs(), 67, 86, pieces);
      assertArrayEquals(whole, pieces);
    }
  }

  @Test
  void laterTokensChangeNoBit() {
    TestDeltaNet config = new TestDeltaNet(8, 2, 4, 8, 6, 4, false);
    Sequence sequence = Sequence.of(config, 150, 0.2, new Random(6));
    float[] all = sequence.results(150);
    for (int count : new int[] {1, 40, 64, 101}) {
      float[] some = sequence.results(count);
      int end = (3 + count) * 24;
      assertArrayEquals(Arrays.copyOf(all, end), Arrays.copyOf(some, end));
    }
  }
}
