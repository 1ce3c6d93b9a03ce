package io.tritmill.jobs.gguf.architecture;

import java.util.List;

/**
 * How a family's tensors of a block, or outside all blocks, lie in ggml's.
 *
 * @param stored ggml's names, of a block without the block; all of them are there, or none
 * @param names the family's; a {@code %d} stands for an expert
 * @param fold what makes the family's of ggml's
 */
record TensorRule(List<String> stored, List<String> names, Fold fold) {
  TensorRule {
    stored = List.copyOf(stored);
    names = List.copyOf(names);
  }

  static TensorRule of(String stored, String name, Fold fold) {
    return new TensorRule(List.of(stored), List.of(name), fold);
  }
}
