package io.tritmill.kernels.model.function;

import io.tritmill.kernels.model.Rope;
import java.util.HashMap;
import java.util.Map;

/** Tables of sines and cosines, each made when it is asked for first. */
public final class RotaryEmbeddings {
  private final int positions;
  private final Map<Key, RotaryEmbedding> made = new HashMap<>();

  /** What a table depends on. */
  private record Key(Rope rope, int headSize) {}

  /**
   * @param positions longest sequence
   */
  public RotaryEmbeddings(int positions) {
    this.positions = positions;
  }

  /** The rotation of heads of such a width in a sequence of such a length. */
  public RotaryEmbedding of(Rope rope, int headSize, int length) {
    return made.computeIfAbsent(
        new Key(rope.forLength(length), headSize),
        key -> new RotaryEmbedding(key.rope(), key.headSize(), positions));
  }
}
