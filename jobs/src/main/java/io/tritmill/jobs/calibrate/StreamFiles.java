package io.tritmill.jobs.calibrate;

import java.io.Serializable;

/**
 * The residual streams of one chunk at one place in the model.
 *
 * @param chunk index of the chunk
 * @param place 2 b where block b begins, 2 b + 1 between its halves
 * @param clean file of the full-precision model's stream, (tokens, hidden) floats
 * @param compressed file of the compressed model's; the same file while nothing differs
 * @param attention file of the attention that each token got in the half that was passed, (tokens)
 *     floats; empty where a block begins, and where no layer asks for it
 */
record StreamFiles(int chunk, int place, String clean, String compressed, String attention)
    implements Serializable {
  boolean alike() {
    return clean.equals(compressed);
  }
}
