package io.tritmill.kernels.quantize;

import io.tritmill.kernels.code.Coded;
import io.tritmill.kernels.code.FiveTrits;
import io.tritmill.kernels.code.PackedMatrix;
import io.tritmill.kernels.code.Packer;
import io.tritmill.kernels.code.PlaneLayout;
import io.tritmill.kernels.code.ScaleStatistics;
import io.tritmill.kernels.code.ScaleUnderflow;
import io.tritmill.kernels.code.TritCounts;
import io.tritmill.kernels.code.UnusableWeightException;
import io.tritmill.kernels.tensor.Matrix;
import io.tritmill.kernels.tensor.WeightRows;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * What a method makes of a band of rows: packed codes, and what a report says of them.
 *
 * <p>Rows that are independent of each other are decoded, solved, measured and packed a few at a
 * time, so that floats and codes stay in a core's cache and the memory taken is about that of the
 * stored and the packed weights.
 *
 * @param tensor the codes and their scales
 * @param error what they lose
 * @param planes counts of trits of each plane; none where codes are no trits
 * @param scales statistics of the stored scales
 * @param report what the method did
 */
public record PackedBand(
    PackedMatrix tensor,
    ReconstructionError error,
    List<TritCounts> planes,
    ScaleStatistics scales,
    SolveReport report) {
  /** Weights worked on at once: half a megabyte of floats. */
  public static final int BLOCK_WEIGHTS = 1 << 17;

  public PackedBand {
    planes = List.copyOf(planes);
  }

  /**
   * Rows that hold about so many weights, at least one, and a multiple of five weights: pieces of
   * so many rows can be packed one by one.
   */
  public static int rows(int columns, int weights) {
    int rows = Math.max(1, weights / columns);
    return columns % FiveTrits.PER_BYTE == 0
        ? rows
        : Math.max(1, rows / FiveTrits.PER_BYTE) * FiveTrits.PER_BYTE;
  }

  /**
   * Solves a band.
   *
   * @param inputs what is known of the tensor that the band belongs to
   * @throws UnusableWeightException if a weight is NaN or infinite, or a scale does not fit IEEE
   *     half, being too large or too small; its row is the band's
   */
  public static PackedBand of(WeightRows band, Quantizer method, LayerInputs inputs) {
    Packer packed = method.levels().packer(band.rows(), band.columns());
    ReconstructionError error = ReconstructionError.NONE;
    int planes = method.levels() instanceof PlaneLayout layout ? layout.planes() : 0;
    List<TritCounts> counts = new ArrayList<>(Collections.nCopies(planes, TritCounts.NONE));
    SolveReport report = SolveReport.NONE;
    int step = step(band, method);
    Matrix block = null;
    for (int row = 0; row < band.rows(); row += step) {
      block = block(band, row, Math.min(step, band.rows() - row), block);
      Solution solved = solve(block, row, method, inputs);
      Coded codes = solved.codes();
      packed.add(codes);
      error = error.plus(ReconstructionError.of(block, codes));
      List<TritCounts> more = codes.tritCounts();
      for (int plane = 0; plane < counts.size(); plane++) {
        counts.set(plane, counts.get(plane).plus(more.get(plane)));
      }
      report = report.plus(solved.report());
    }
    PackedMatrix tensor = packed.build();
    return new PackedBand(tensor, error, counts, tensor.scaleStatistics(), report);
  }

  /**
   * The same with the errors of its outputs, which methods do not measure that learn from nothing.
   *
   * @param band what it was made of
   */
  public PackedBand withErrors(WeightRows band, LayerStatistics statistics) {
    return new PackedBand(
        tensor, error, planes, scales, report.withErrors(band, tensor, statistics));
  }

  /**
   * What the next pass of a method gathers from a band, see {@link Quantizer#observe}.
   *
   * @throws UnusableWeightException if a weight is NaN or infinite; its row is the band's
   */
  public static double[] observe(WeightRows band, Quantizer method, LayerInputs inputs) {
    int step = step(band, method);
    Matrix block = block(band, 0, Math.min(step, band.rows()), null);
    double[] sums = observe(block, 0, method, inputs);
    for (int row = step; row < band.rows(); row += step) {
      block = block(band, row, Math.min(step, band.rows() - row), block);
      double[] more = observe(block, row, method, inputs);
      for (int i = 0; i < sums.length; i++) {
        sums[i] += more[i];
      }
    }
    return sums;
  }

  /**
   * Whether a method works through a band a few rows at a time: one that learned does not, since it
   * works out what it learned once a call.
   */
  public static boolean inBlocks(Quantizer method) {
    return method.rowsIndependent() && method.needs().isEmpty();
  }

  private static int step(WeightRows band, Quantizer method) {
    return inBlocks(method) ? rows(band.columns(), BLOCK_WEIGHTS) : band.rows();
  }

  /**
   * Decodes rows.
   *
   * @param used a matrix that may be overwritten, since fresh memory is in no cache; or null
   */
  private static Matrix block(WeightRows band, int firstRow, int count, Matrix used) {
    if (count == band.rows() && band instanceof Matrix whole) {
      return whole;
    }
    boolean again = used != null && used.rows() == count;
    Matrix block = again ? used : Matrix.zeros(count, band.columns());
    band.decode(firstRow, count, block.values(), 0);
    return block;
  }

  private static Solution solve(Matrix block, int firstRow, Quantizer method, LayerInputs inputs) {
    try {
      Solution solved = method.solve(block, inputs);
      ScaleUnderflow.refuse(block, solved.codes(), !method.needs().isEmpty());
      return solved;
    } catch (UnusableWeightException e) {
      throw e.below(firstRow);
    }
  }

  private static double[] observe(
      Matrix block, int firstRow, Quantizer method, LayerInputs inputs) {
    try {
      return method.observe(block, inputs);
    } catch (UnusableWeightException e) {
      throw e.below(firstRow);
    }
  }
}
