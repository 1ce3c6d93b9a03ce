package io.tritmill.kernels.model.describe;

/** What a description may ask of the checkpoint that it describes. */
public interface StoredTensors {
  /** More than any model has, in all its blocks together. */
  long MOST_EXPERTS = 65_536;

  /** Whether there is a tensor of this name. */
  boolean has(String name);

  /**
   * Requires that a model of so many blocks can be described: nothing is made of them before.
   *
   * @throws IllegalArgumentException if there are more than the checkpoint can hold
   */
  void requireBlocks(int blocks);

  /**
   * Requires that so many experts can be described, those of all blocks together.
   *
   * @throws IllegalArgumentException if there are more than the checkpoint can hold
   */
  void requireExperts(long experts);

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

      @Override
      public void requireExperts(long experts) {
        if (experts > MOST_EXPERTS) {
          throw new IllegalArgumentException(
              "all blocks together have %d experts, expected at most %d"
                  .formatted(experts, MOST_EXPERTS));
        }
      }
    };
  }
}
