package io.tritmill.jobs.gguf.architecture;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;

/** Windows that some blocks have. */
final class Windows {
  private static final String SIZE = "attention.sliding_window";
  private static final String PATTERN = "attention.sliding_window_pattern";

  private Windows() {}

  /**
   * Puts {@code sliding_window} and {@code layer_types}.
   *
   * @param distance of the blocks without one where the file does not say
   * @param otherwise the size where the file does not say; 0 for none
   */
  static void put(Keys keys, Map<String, Object> config, int distance, int otherwise) {
    int size = keys.optionalWhole(SIZE).orElse(otherwise);
    if (size == 0) {
      config.put("sliding_window", null);
      config.put("layer_types", Collections.nCopies(keys.blocks(), "full_attention"));
      return;
    }
    List<String> types = new ArrayList<>();
    for (boolean near : keys.kinds(PATTERN, distance)) {
      types.add(near ? "sliding_attention" : "full_attention");
    }
    config.put("sliding_window", size);
    config.put("layer_types", types);
  }
}
