package io.tritmill.jobs.command;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.tritmill.jobs.CaseModel;
import io.tritmill.jobs.SharedSpark;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** What is computed from a folder is what transformers computes from it, or one sentence. */
@ExtendWith(SharedSpark.class)
class ConfiguredModelsTest {
  private static final double EXACT = 1e-6;

  @TempDir private Path directory;

  @Test
  void theModelAsItIsHasTheReferencePerplexity() {
    assertEquals(
        CaseModel.PERPLEXITY, CaseModel.in(directory).perplexity(), EXACT * CaseModel.PERPLEXITY);
  }
}
