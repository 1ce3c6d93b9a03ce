package io.tritmill.jobs.plan;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What becomes of all tensors of one fate together.
 *
 * @param tensors how many, the matrices of a stacked tensor each
 * @param bytesIn bytes in the checkpoint
 * @param bytesOut bytes in the output
 */
public record FateTotals(long tensors, long bytesIn, long bytesOut) {
  /** The numbers as the summary of a run has them. */
  Map<String, Long> toJson() {
    Map<String, Long> json = new LinkedHashMap<>();
    json.put("count", tensors);
    json.put("bytes_in", bytesIn);
    json.put("bytes_out", bytesOut);
    return json;
  }

  /** Sums up those of one fate. */
  static FateTotals of(List<PlannedTensor> tensors, Fate fate) {
    FateTotals totals = new FateTotals(0, 0, 0);
    for (PlannedTensor tensor : tensors) {
      if (tensor.fate() == fate) {
        totals =
            new FateTotals(
                totals.tensors + 1,
                totals.bytesIn + tensor.tensor().storedBytes(),
                totals.bytesOut + tensor.bytesOut());
      }
    }
    return totals;
  }
}
