package io.tritmill.jobs.data;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CalibrationSetTest {
  /** Blocks of 160 M, 1.1 B, 7 B, 70 B and 405 B. */
  @ParameterizedTest
  @CsvSource({
    "7077888, 4096",
    "44040192, 3120",
    "202375168, 1024",
    "855638016, 1024",
    "3187671040, 1024"
  })
  void chunksAreShorterInLargerModels(long blockWeights, int tokens) {
    assertEquals(tokens, CalibrationSet.chunkTokens(blockWeights));
  }
}
