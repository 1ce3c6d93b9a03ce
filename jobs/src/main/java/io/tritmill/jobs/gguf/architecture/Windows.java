package io.tritmill.jobs.gguf.architecture;

import io.tritmill.jobs.gguf.GgufArray;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.function.ToIntFunction;
import java.util.stream.IntStream;

/**
 * Windows that some blocks have.
 *
 * @param distance of the blocks without one where the file does not say
 * @param otherwise the size where the file does not say; 0 for none
 */
record Windows(int distance, ToIntFunction<Keys> otherwise) {
  static final String SIZE = "attention.sliding_window";
  static final String PATTERN = "attention.sliding_window_pattern";

  /** Puts {@code sliding_window} and {@code layer_types}. */
  void read(Keys keys, Map<String, Object> config) {
    int size = keys.optionalWhole(SIZE).orElseGet(() -> otherwise.applyAsInt(keys));
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

  /** Which blocks have one, where it is not said by the distance; null where it is. */
  GgufArray pattern(ModelKeys keys) {
    List<Boolean> windows = keys.windows();
    boolean usual =
        IntStream.range(0, windows.size())
            .allMatch(block -> windows.get(block) == block % distance < distance - 1);
    return usual || keys.windowed().isEmpty() ? null : GgufArray.of(windows);
  }
}
