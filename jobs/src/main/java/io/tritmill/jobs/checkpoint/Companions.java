package io.tritmill.jobs.checkpoint;

import java.util.List;
import java.util.Set;

/** The files beside the weights that a copy of the model needs: never weights, never code. */
final class Companions {
  private static final Set<String> NAMES =
      Set.of(
          "config.json",
          "generation_config.json",
          "tokenizer.json",
          "tokenizer.model",
          "tokenizer_config.json",
          "special_tokens_map.json",
          "added_tokens.json",
          "chat_template.jinja",
          "chat_template.json",
          "vocab.json",
          "vocab.txt",
          "merges.txt");
  private static final List<String> BEGINNINGS = List.of("README", "LICENSE", "NOTICE");
  private static final Set<String> TEXTS = Set.of("", "md", "txt");

  private Companions() {}

  static boolean includes(String name) {
    return NAMES.contains(name)
        || BEGINNINGS.stream().anyMatch(name::startsWith) && TEXTS.contains(extension(name));
  }

  private static String extension(String name) {
    int dot = name.lastIndexOf('.');
    return dot < 0 ? "" : name.substring(dot + 1);
  }
}
