package io.tritmill.jobs.gguf.architecture;

import java.util.List;
import java.util.stream.Stream;

/** All architectures that are described. */
final class Descriptions {
  static final List<Description> ALL =
      Stream.of(
              LlamaLikes.ALL,
              QwenLikes.ALL,
              Gemmas.ALL,
              NormedElsewhere.ALL,
              Mixtures.ALL,
              Hybrids.ALL)
          .flatMap(List::stream)
          .toList();

  private Descriptions() {}

  /** What may stand in {@code general.architecture}. */
  static List<String> names() {
    return ALL.stream().map(Description::architecture).distinct().sorted().toList();
  }
}
