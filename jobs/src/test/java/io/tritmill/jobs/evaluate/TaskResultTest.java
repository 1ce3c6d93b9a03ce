package io.tritmill.jobs.evaluate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tritmill.jobs.data.Question;
import java.util.List;
import java.util.OptionalDouble;
import org.junit.jupiter.api.Test;

/** Answers and shares of answers. */
class TaskResultTest {
  private static TaskResult.Answer answer(double... logLikelihoods) {
    // Of three, seven and three characters, the last written with five code units.
    Question question = new Question("", List.of("yes", "perhaps", "\ud83d\ude00\ud83d\ude00!"), 1);
    return TaskResult.Answer.of(question, logLikelihoods, new boolean[3]);
  }

  @Test
  void theHighestCounts() {
    assertTrue(answer(-3, -2, -4).right());
    assertFalse(answer(-3, -5, -4).right());
  }

  @Test
  void theFirstOfEqualOnesCounts() {
    assertFalse(answer(-2, -2, -4).right());
    assertTrue(answer(-3, -2, -2).right());
  }

  @Test
  void lengthsAreCharactersNotCodeUnits() {
    assertTrue(answer(-3, -6.9, -3).rightByLength());
    assertFalse(answer(-3, -7.1, -3).rightByLength());
    // Five code units would make the last one the best, at -0.8 a unit.
    assertTrue(answer(-9, -7, -4).rightByLength());
  }

  @Test
  void standardErrorsAreThoseOfASample() {
    TaskResult.Share share = TaskResult.Share.of(22, 42);
    assertEquals(22 / 42.0, share.value());
    // As lm-evaluation-harness 0.4.13 prints it for as many.
    assertEquals(0.07799829681942305, share.stderr().orElseThrow(), 1e-15);
    assertEquals(OptionalDouble.empty(), TaskResult.Share.of(1, 1).stderr());
  }
}
