package io.tritmill.jobs.export;

import java.util.List;

/**
 * How a format holds a matrix.
 *
 * @param layer the matrix
 * @param type what the format calls it
 * @param reason why it is not a smaller type, or none for quantized weights; null where there is
 *     nothing to tell
 * @param error ||W - W'|| / ||W|| of what is written against the weights of the run; 0 without loss
 * @param tensors what is written
 */
record Held(Layer layer, String type, String reason, double error, List<ExportedTensor> tensors) {
  Held {
    tensors = List.copyOf(tensors);
  }

  boolean lossy() {
    return error > 0;
  }

  long bytes() {
    return tensors.stream().mapToLong(ExportedTensor::bytes).sum();
  }
}
