package io.tritmill.kernels.model.family;

/** What a description may ask of the checkpoint that it describes. */
public interface StoredTensors {
  /** Whether there is a tensor of this name. */
  boolean has(String name);

  /**
   * Requires that a model of so many blocks can be described: nothing is made of them before.
   *
   * @throws IllegalArgumentException if there are more than the checkpoint can hold
   */
  void requireBlocks(int blocks);

  /**
   * A checkpoint of which there is no tensor yet.
   *
   * @param mostBlocks that may be described
   */
  static StoredTensors none(int mostBlocks) {
    return new StoredTensors() {
      @Override
      public boolean has(String name) {
        return false;
      }

      @Override
      public void requireBlocks(int blocks) {
        if (blocks > mostBlocks) {
          throw new IllegalArgumentException(
              "num_hidden_layers is %d, expected at most %d".formatted(blocks, mostBlocks));
        }
      }
    };
  }
}
