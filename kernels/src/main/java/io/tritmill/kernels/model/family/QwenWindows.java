package io.tritmill.kernels.model.family;

import io.tritmill.kernels.model.config.ConfigValues;
import io.tritmill.kernels.model.config.LayerKinds;
import io.tritmill.kernels.model.config.Sizes;

/** The windows of Qwen's models, which are off unless a key turns them on. */
final class QwenWindows {
  private QwenWindows() {}

  /** Keys that a position sees where there is a window; 0 where windows are off. */
  static int size(ConfigValues values) {
    int window = values.integer("sliding_window", 4096, 0);
    return values.flag("use_sliding_window", false) ? window : 0;
  }

  /** Whether each block has one: those from max_window_layers on, unless types are listed. */
  static boolean[] read(ConfigValues values, Sizes sizes, int window) {
    int first = values.integer("max_window_layers", 28);
    return LayerKinds.windows(values, sizes.blocks(), block -> window > 0 && block >= first);
  }
}
