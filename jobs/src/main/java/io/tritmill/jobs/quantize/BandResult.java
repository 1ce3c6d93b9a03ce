package io.tritmill.jobs.quantize;

import io.tritmill.jobs.storage.MayBeMissing;
import io.tritmill.kernels.code.ScaleStatistics;
import io.tritmill.kernels.code.TritCounts;
import io.tritmill.kernels.quantize.ReconstructionError;
import java.io.Serializable;
import java.util.List;
import java.util.Objects;

/**
 * What a task hands back of one band, and what the ledger keeps.
 *
 * @param key key of the shard
 * @param tensor name of the tensor
 * @param firstRow first row of the band
 * @param rows rows of the band
 * @param part name of the part file; empty when the band was only checked
 * @param bytes of the part
 * @param sha256 of the part
 * @param error what the reconstruction loses; null when the band was only checked
 * @param remedy why the weights alone were rounded though the recipe learns from data; null where
 *     they were not
 * @param calibration what the outputs lose on calibration inputs; null without calibration
 * @param planes counts of trits of each plane; empty when the band was only checked
 * @param scales statistics of the stored scales; null when the band was only checked
 * @param readNanos time spent reading, and rotating where the recipe does
 * @param computeNanos time spent decoding, quantizing, measuring and packing
 * @param writeNanos time spent writing
 * @param executor executor that did it
 * @param taskAttempt Spark's identifier of the task attempt
 * @param finishedAt milliseconds since 1970
 * @param vectorBits width of the vectors that the kernels used; 0 for scalar loops
 * @param peakResidentBytes most memory that the executor's process had had by then; 0 if unknown
 */
public record BandResult(
    String key,
    String tensor,
    int firstRow,
    int rows,
    String part,
    long bytes,
    String sha256,
    @MayBeMissing ReconstructionError error,
    @MayBeMissing String remedy,
    @MayBeMissing CalibrationError calibration,
    List<TritCounts> planes,
    @MayBeMissing ScaleStatistics scales,
    long readNanos,
    long computeNanos,
    long writeNanos,
    String executor,
    long taskAttempt,
    long finishedAt,
    int vectorBits,
    long peakResidentBytes)
    implements Serializable {
  public BandResult {
    Objects.requireNonNull(key);
    Objects.requireNonNull(tensor);
    Objects.requireNonNull(part);
    Objects.requireNonNull(sha256);
    planes = List.copyOf(planes);
  }
}
