package io.tritmill.jobs.run;

import com.fasterxml.jackson.annotation.JsonProperty;

/**
 * What became of some tensors together.
 *
 * @param count how many, the matrices of a stacked tensor each
 * @param bytesIn bytes in the checkpoint
 * @param bytesOut bytes in the output
 */
public record TensorTotals(
    long count, @JsonProperty("bytes_in") long bytesIn, @JsonProperty("bytes_out") long bytesOut) {
  public TensorTotals {
    if (count < 0 || bytesIn < 0 || bytesOut < 0) {
      throw new IllegalArgumentException(
          "counts of tensors are %d, %d and %d bytes, expected 0 or more"
              .formatted(count, bytesIn, bytesOut));
    }
  }
}
