package io.tritmill.jobs.evaluate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tritmill.jobs.SharedSpark;
import io.tritmill.jobs.data.EvaluationSet;
import io.tritmill.jobs.data.Protocol;
import io.tritmill.jobs.failure.BadInputException;
import io.tritmill.jobs.failure.ExitCode;
import io.tritmill.jobs.model.RandomModelSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.apache.spark.api.java.JavaSparkContext;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@Tag("slow")
@ExtendWith(SharedSpark.class)
class EvaluateOnSparkTest {
  /** More than one band of the vocabulary. */
  private static final int VOCABULARY = 1500;

  private static final RandomModelSource MODEL = new RandomModelSource(VOCABULARY, true, 1, "");
  private static final RandomModelSource BASELINE = new RandomModelSource(VOCABULARY, false, 2, "");

  private final JavaSparkContext spark =
      JavaSparkContext.fromSparkContext(SharedSpark.session().sparkContext());

  private static EvaluationSet set(Protocol protocol, int... lengths) {
    Random random = new Random(99);
    List<int[]> sequences = new ArrayList<>();
    for (int length : lengths) {
      sequences.add(random.ints(length, 0, VOCABULARY).toArray());
    }
    return new EvaluationSet(sequences, protocol, 40, lengths.length, 0, "f00d");
  }

  private static EvaluationSet documents() {
    return set(Protocol.DOCUMENTS, 40, 2, 33, 17, 40, 5, 29, 2, 11);
  }

  @Test
  void sameBitsForAnyNumberOfChunks() {
    EvaluationResult one =
        new EvaluateOnSpark(spark, documents(), 1, System.err).evaluate(MODEL, BASELINE);
    for (int chunks : new int[] {2, 7, 100}) {
      EvaluationResult many =
          new EvaluateOnSpark(spark, documents(), chunks, System.err).evaluate(MODEL, BASELINE);
      assertEquals(one, many, "%d chunks".formatted(chunks));
    }
  }

  @Test
  void theBaselineChangesNothingInTheModelsNumbers() {
    EvaluationResult alone = new EvaluateOnSpark(spark, documents(), System.err).evaluate(MODEL);
    EvaluationResult beside =
        new EvaluateOnSpark(spark, documents(), System.err).evaluate(MODEL, BASELINE);
    EvaluationResult other = new EvaluateOnSpark(spark, documents(), System.err).evaluate(BASELINE);
    EvaluationResult.AgainstBaseline comparison = beside.baseline().orElseThrow();
    assertEquals(alone.perplexity(), beside.perplexity());
    assertEquals(other.perplexity(), comparison.perplexity());
    assertEquals(alone.perplexity() / other.perplexity(), comparison.perplexityRatio());
    assertTrue(comparison.klDivergence() > 0.1, "divergence " + comparison.klDivergence());
  }

  @Test
  void aModelIsNoWorseThanItself() {
    EvaluationResult.AgainstBaseline comparison =
        new EvaluateOnSpark(spark, documents(), System.err)
            .evaluate(MODEL, MODEL)
            .baseline()
            .orElseThrow();
    assertEquals(1.0, comparison.perplexityRatio());
    assertEquals(0.0, comparison.klDivergence());
  }

  @Test
  void protocolsAverageDifferently() {
    EvaluationSet documents = set(Protocol.DOCUMENTS, 3, 40);
    EvaluationSet windows = set(Protocol.WINDOWS, 3, 40);
    double first = meanNll(documents.sequences().get(0));
    double second = meanNll(documents.sequences().get(1));
    EvaluationResult byToken = new EvaluateOnSpark(spark, documents, System.err).evaluate(MODEL);
    EvaluationResult byWindow = new EvaluateOnSpark(spark, windows, System.err).evaluate(MODEL);
    assertEquals((2 * first + 39 * second) / 41, byToken.nllMean(), 1e-12);
    assertEquals((first + second) / 2, byWindow.nllMean(), 1e-12);
    assertEquals(Math.exp(byToken.nllMean()), byToken.perplexity());
    assertEquals(41, byToken.tokens());
    assertEquals(2, byToken.sequences());
    assertEquals("f00d", byToken.datasetFingerprint());
  }

  private double meanNll(int[] sequence) {
    EvaluationSet alone =
        new EvaluationSet(List.of(sequence), Protocol.DOCUMENTS, 40, 1, 0, "f00d");
    return new EvaluateOnSpark(spark, alone, System.err).evaluate(MODEL).nllMean();
  }

  @Test
  void tokensBeyondTheVocabularyAreRefused() {
    int[] wrong = {1, 2, VOCABULARY, 4};
    EvaluationSet set =
        new EvaluationSet(List.of(new int[] {1, 2}, wrong), Protocol.DOCUMENTS, 40, 2, 0, "f00d");
    BadInputException refused =
        assertThrows(
            BadInputException.class,
            () -> new EvaluateOnSpark(spark, set, System.err).evaluate(MODEL));
    assertEquals(ExitCode.BROKEN_INPUT, refused.exitCode());
    assertTrue(
        refused
            .getMessage()
            .startsWith("Sequence 1 of the data has token 1500, expected 0 to 1499"),
        refused.getMessage());
  }

  @Test
  void sequencesBeyondTheContextAreRefused() {
    int[] tooLong = IntStream.range(0, 41).toArray();
    EvaluationSet set = new EvaluationSet(List.of(tooLong), Protocol.DOCUMENTS, 64, 1, 0, "f00d");
    BadInputException refused =
        assertThrows(
            BadInputException.class,
            () -> new EvaluateOnSpark(spark, set, System.err).evaluate(MODEL));
    assertEquals(ExitCode.USAGE, refused.exitCode());
    assertEquals(
        "Sequence 0 has 41 tokens, but the model was made for 40 positions; give a"
            + " --sequence-length of at most as many",
        refused.getMessage());
  }

  @Test
  void modelsOfOtherVocabulariesAreNoBaseline() {
    RandomModelSource larger = new RandomModelSource(VOCABULARY + 1, true, 1, "");
    BadInputException refused =
        assertThrows(
            BadInputException.class,
            () -> new EvaluateOnSpark(spark, documents(), System.err).evaluate(MODEL, larger));
    assertEquals(ExitCode.USAGE, refused.exitCode());
  }

  @Test
  void lossesThatAreNotFiniteAreSaid() {
    RandomModelSource spoiled =
        new RandomModelSource(VOCABULARY, true, 1, "model.layers.1.mlp.up_proj.weight");
    BadInputException refused =
        assertThrows(
            BadInputException.class,
            () -> new EvaluateOnSpark(spark, documents(), System.err).evaluate(spoiled));
    assertEquals(ExitCode.BROKEN_INPUT, refused.exitCode());
    assertTrue(refused.getMessage().startsWith("Sequence 0 has a loss of NaN under the model"));
  }
}
