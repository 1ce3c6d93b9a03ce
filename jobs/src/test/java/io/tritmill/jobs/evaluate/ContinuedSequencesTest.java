package io.tritmill.jobs.evaluate;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tritmill.jobs.checkpoint.Checkpoint;
import io.tritmill.jobs.model.CheckpointSource;
import io.tritmill.jobs.model.ModelReader;
import io.tritmill.jobs.model.ModelSource;
import io.tritmill.jobs.storage.Storage;
import io.tritmill.kernels.model.Architecture;
import io.tritmill.kernels.model.Attention;
import io.tritmill.kernels.model.Experts;
import io.tritmill.kernels.model.FeedForward;
import io.tritmill.kernels.model.Operator;
import io.tritmill.kernels.model.Parallel;
import io.tritmill.kernels.model.Sublayer;
import io.tritmill.kernels.model.forward.ForwardPass;
import io.tritmill.kernels.model.forward.SequenceState;
import io.tritmill.kernels.model.forward.SublayerWeights;
import io.tritmill.kernels.model.forward.Taps;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A sequence in pieces is the sequence as a whole, in every family. */
class ContinuedSequencesTest {
  private static final Path GOLDEN = Path.of("src/test/resources/golden").toAbsolutePath();

  /** More than a chunk of the delta rule, than the windows, and than a tile of queries. */
  private static final int TOKENS = 150;

  private final Storage storage = new Storage(new Configuration());

  static Stream<String> models() throws Exception {
    return GoldenFamiliesTest.models();
  }

  @ParameterizedTest
  @MethodSource("models")
  void piecesAreTheWhole(String model) {
    long seed = model.hashCode();
    Random random = new Random(seed);
    Checkpoint checkpoint =
        Checkpoint.open(storage, storage.path(GOLDEN.resolve(model).toString()));
    checkpoint.check();
    ModelSource source = new CheckpointSource(storage, checkpoint);
    Architecture architecture = source.architecture();
    try (ModelReader reader = new ModelReader(source)) {
      int[] ids = random.ints(TOKENS, 0, architecture.vocabulary()).toArray();
      List<SublayerWeights> weights = new ArrayList<>();
      architecture.sublayers().forEach(one -> weights.add(reader.sublayer(one)));
      float[] embedded = reader.embed(ids);
      float[] whole = embedded.clone();
      ForwardPass pass = new ForwardPass(architecture, reader.rotations(), TOKENS);
      for (int i = 0; i < weights.size(); i++) {
        int[] lengths = {TOKENS};
        pass.run(architecture.sublayers().get(i), weights.get(i), whole, lengths, Taps.NONE);
      }
      assertTrue(Math.abs(whole[0]) > 0);
      boolean exact = architecture.sublayers().stream().allMatch(one -> exact(one.operator()));
      for (int[] cuts : List.of(new int[] {64, 128}, cuts(random, 3), cuts(random, 12), each())) {
        float[] found = inPieces(pass, architecture, weights, embedded, cuts);
        String said = "seed %d, cuts %s".formatted(seed, Arrays.toString(cuts));
        if (exact) {
          assertArrayEquals(whole, found, said);
        } else {
          assertNear(whole, found, architecture.hidden(), said);
        }
      }
    }
  }

  /** Whether it computes the same sums in the same order; others take up what they kept. */
  private static boolean exact(Operator operator) {
    return switch (operator) {
      case Attention one -> true;
      case FeedForward one -> true;
      case Experts one -> true;
      case Parallel one -> one.branches().stream().allMatch(each -> exact(each.operator()));
      default -> false;
    };
  }

  private static void assertNear(float[] whole, float[] found, int hidden, String said) {
    for (int t = 0; t < TOKENS; t++) {
      double square = 0;
      double error = 0;
      for (int i = t * hidden; i < (t + 1) * hidden; i++) {
        square += (double) whole[i] * whole[i];
        error += Math.pow((double) whole[i] - found[i], 2);
      }
      assertEquals(0, Math.sqrt(error / square), 1e-5, said + ", token " + t);
    }
  }

  private static int[] cuts(Random random, int count) {
    return random.ints(1, TOKENS).distinct().limit(count).sorted().toArray();
  }

  /** A few at once, then one by one. */
  private static int[] each() {
    return IntStream.range(7, TOKENS).toArray();
  }

  private static float[] inPieces(
      ForwardPass pass,
      Architecture architecture,
      List<SublayerWeights> weights,
      float[] embedded,
      int[] cuts) {
    int hidden = architecture.hidden();
    float[] found = new float[embedded.length];
    SequenceState state = new SequenceState(TOKENS);
    for (int i = 0, begin = 0; i <= cuts.length; i++) {
      int end = i < cuts.length ? cuts[i] : TOKENS;
      float[] x = Arrays.copyOfRange(embedded, begin * hidden, end * hidden);
      for (int s = 0; s < weights.size(); s++) {
        Sublayer sublayer = architecture.sublayers().get(s);
        pass.run(sublayer, weights.get(s), x, end - begin, state);
      }
      System.arraycopy(x, 0, found, begin * hidden, x.length);
      begin = end;
    }
    return found;
  }
}
