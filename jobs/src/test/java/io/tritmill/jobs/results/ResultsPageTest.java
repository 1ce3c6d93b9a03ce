package io.tritmill.jobs.results;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tritmill.jobs.data.Protocol;
import io.tritmill.jobs.evaluate.EvaluationResult;
import io.tritmill.jobs.evaluate.EvaluationResult.AgainstBaseline;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ResultsPageTest {
  private static EvaluationResult result(double ratio, double kl) {
    return new EvaluationResult(
        10 * ratio,
        Math.log(10 * ratio),
        1234,
        5,
        5,
        Protocol.DOCUMENTS,
        256,
        "abc",
        Optional.of(new AgainstBaseline(10, ratio, kl)));
  }

  private static Outcome outcome(String recipe, long seed, double ratio, double kl) {
    return new Outcome(recipe, seed, 3.45, 5.7, 7, List.of(result(ratio, kl)));
  }

  @Test
  void sharesAreThoseOfTheReference() {
    ResultsPage page = new ResultsPage("m", List.of("texts"), "a", List.of("Measured so."));
    page.add(outcome("b", 0, Math.exp(0.01), 0.3));
    page.add(outcome("a", 0, Math.exp(0.04), 0.5));
    String text = page.markdown();
    assertTrue(text.contains("- Measured so.\n"), text);
    assertTrue(text.contains("1,234 tokens in 5 sequences of at most 256"), text);
    assertTrue(
        text.contains("| b | 3.450 | 5.700 | 10.101 | 1.01005 | 0.250 | 0.30000 | 0.600 | 7 |"),
        text);
    assertTrue(
        text.contains("| a | 3.450 | 5.700 | 10.408 | 1.04081 | 1.000 | 0.50000 | 1.000 | 7 |"),
        text);
    assertTrue(text.indexOf("| b |") < text.indexOf("| a |"), text);
  }

  @Test
  void seedsMakeOneLine() {
    ResultsPage page = new ResultsPage("m", List.of("texts"), "a", List.of());
    page.add(outcome("a", 0, 1.1, 0.2));
    page.add(outcome("a", 1, 1.1, 0.4));
    page.add(outcome("a", 2, 1.1, 0.3));
    String text = page.markdown();
    assertTrue(text.contains("| 0.30000 ± 0.10000 | 1.000 ± 0.333 |"), text);
    assertEquals(1, text.lines().filter(line -> line.startsWith("| a ")).count());
  }

  @Test
  void sharesAreLeftOpenUntilTheReferenceIsThere() {
    ResultsPage page = new ResultsPage("m", List.of("texts"), "a", List.of());
    page.add(outcome("b", 0, 1.1, 0.2));
    assertTrue(page.markdown().contains("| 1.10000 |  | 0.20000 |  | 7 |"), page.markdown());
  }

  @Test
  void everyOutcomeHasAResultOfEveryDataSet() {
    ResultsPage page = new ResultsPage("m", List.of("texts", "more"), "a", List.of());
    assertThrows(IllegalArgumentException.class, () -> page.add(outcome("a", 0, 1.1, 0.2)));
  }
}
