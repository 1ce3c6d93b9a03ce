package io.tritmill.jobs.quantize;

import io.tritmill.kernels.quantize.SolveReport;
import java.io.Serializable;

/**
 * What a method that learned from data reports of a layer.
 *
 * @param tokens tokens that it was fitted on
 * @param report what it did, and what the outputs lose
 */
record CalibrationError(long tokens, SolveReport report) implements Serializable {
  CalibrationError plus(CalibrationError other) {
    return new CalibrationError(tokens, report.plus(other.report));
  }
}
