package io.tritmill.jobs.failure;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BadInputExceptionTest {
  @Test
  void aTerminalIsToldNothingByAFile() {
    BadInputException failure = BadInputException.broken("m: found %s", "\u001b[2J\u202eabc");

    assertEquals("m: found \\u001b[2J\\u202eabc", failure.getMessage());
  }

  @Test
  void theWordsOfALibraryAreOneLine() {
    BadInputException failure =
        new BadInputException(ExitCode.BROKEN_INPUT, "m: \n first\r\n   second\n");

    assertEquals("m: first second", failure.getMessage());
  }

  @Test
  void aSentenceIsNoBook() {
    BadInputException failure = BadInputException.broken("m: found %s", "x".repeat(100_000));

    assertTrue(failure.getMessage().length() < 5000);
    assertTrue(failure.getMessage().endsWith("..."));
  }

  @ParameterizedTest
  @ValueSource(strings = {"ar-EG", "tr-TR", "de-DE"})
  void numbersAreTheSameEverywhere(String language) {
    Locale before = Locale.getDefault();
    try {
      Locale.setDefault(Locale.forLanguageTag(language));
      assertEquals(
          "m: 1234 and 0.5", BadInputException.broken("m: %d and %.1f", 1234, 0.5).getMessage());
    } finally {
      Locale.setDefault(before);
    }
  }
}
