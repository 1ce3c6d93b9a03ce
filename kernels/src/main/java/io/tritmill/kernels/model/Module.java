package io.tritmill.kernels.model;

import java.io.Serializable;

/**
 * One linear map: y = x w' + b, with w some rows of a tensor.
 *
 * @param weight the tensor; several modules may share one, rows below or between rows
 * @param firstRow the first of its rows
 * @param rows outputs
 * @param step rows from one of them to the next, mostly 1
 * @param bias (rows of the tensor), or (experts, rows of the tensor); null for none
 * @param site what it reads
 * @param inputs what flows in
 * @param outputs what flows out
 * @param metric how the loss answers to errors of the outputs
 */
public record Module(
    TensorSpec weight,
    int firstRow,
    int rows,
    int step,
    TensorSpec bias,
    Site site,
    Basis inputs,
    Basis outputs,
    LossMetric metric)
    implements Serializable {
  /** A module whose rows lie one below the other. */
  public Module(
      TensorSpec weight,
      int firstRow,
      int rows,
      TensorSpec bias,
      Site site,
      Basis inputs,
      Basis outputs,
      LossMetric metric) {
    this(weight, firstRow, rows, 1, bias, site, inputs, outputs, metric);
  }

  /** Inputs. */
  public int columns() {
    return weight.columns();
  }

  /** Whether it is all of its tensor. */
  public boolean whole() {
    return rows == weight.rows();
  }
}
