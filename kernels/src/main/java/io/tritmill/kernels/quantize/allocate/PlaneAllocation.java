package io.tritmill.kernels.quantize.allocate;

import io.tritmill.kernels.code.Coded;
import io.tritmill.kernels.code.Group;
import io.tritmill.kernels.code.PlaneCounts;
import io.tritmill.kernels.quantize.LayerInputs;
import io.tritmill.kernels.quantize.LayerStatistics;
import io.tritmill.kernels.quantize.Quantizer;
import io.tritmill.kernels.quantize.compensate.OutputMetricMethod;
import io.tritmill.kernels.quantize.compensate.QepMethod;
import io.tritmill.kernels.quantize.compensate.RsqMethod;
import io.tritmill.kernels.quantize.learn.FlexroundMethod;
import io.tritmill.kernels.quantize.round.Ptqtp;
import io.tritmill.kernels.quantize.round.TritRows;
import io.tritmill.kernels.simd.Gemm;
import io.tritmill.kernels.tensor.Matrix;
import io.tritmill.kernels.tensor.WeightRows;
import java.util.ArrayList;
import java.util.List;

/**
 * How many planes each row gets, so that the damage to the model is least at a given size.
 *
 * <p>The damage of row r with p planes is G_rr e H e' / 2, e its error in a solution in which all
 * rows have p planes and are independent. Damages of rows add up, and for a price lambda of a bit
 * each row takes the number of planes of least damage + lambda bits; the price is found by
 * bisection. No other choice of the size that comes out has less damage. Ties go to fewer planes,
 * so the same damages give the same planes anywhere.
 */
public final class PlaneAllocation {
  private static final double BITS_OF_TRIT = 1.6;
  private static final int BITS_OF_SCALE = 16;
  private static final int BITS_OF_COUNT = 2;

  /** Each run of a plane, and that of the counts, ends within a byte. */
  private static final int BITS_OF_PADDING = 8 * (PlaneCounts.MOST + 1);

  private static final int HALVINGS = 200;

  private PlaneAllocation() {}

  /**
   * What a layer loses with 1, 2 and 3 planes in every row.
   *
   * @param damage plane count less one, then rows
   * @param columns weights of a row
   * @param groups scales of a row
   */
  public record Layer(double[][] damage, int columns, int groups) {
    /** Bits stored for a row: trits five to a byte, scales, and the number of planes. */
    double bits(int planes) {
      return planes * BITS_OF_TRIT * columns + BITS_OF_SCALE * groups + BITS_OF_COUNT;
    }

    int rows() {
      return damage[0].length;
    }
  }

  /**
   * Solves a layer with each number of planes and measures the damages.
   *
   * @param statistics the Gram matrix and, unless all outputs count alike, the output metric
   * @param method a recipe's stages around {@link TritRows}; those that make rows depend on each
   *     other, answer to what other layers lose or take long are left out
   */
  public static Layer layer(Matrix weight, LayerStatistics statistics, Quantizer method) {
    Group group = method.levels().group();
    Quantizer independent = independent(method);
    double[][] damage = new double[PlaneCounts.MOST][];
    for (int planes = 1; planes <= PlaneCounts.MOST; planes++) {
      Quantizer same = independent.withRounding(new Ptqtp(planes, group, planes > 1, 50));
      Coded solved = same.quantize(weight, LayerInputs.NONE.with(statistics));
      damage[planes - 1] = damages(weight, solved, statistics);
    }
    return new Layer(damage, weight.columns(), group.perRow(weight.columns()));
  }

  private static Quantizer independent(Quantizer method) {
    return switch (method) {
      case QepMethod corrected -> independent(corrected.next());
      case RsqMethod weighted -> independent(weighted.next());
      case OutputMetricMethod together -> independent(together.next());
      case FlexroundMethod learned -> independent(learned.next());
      default -> method;
    };
  }

  /** G_rr e H e' / 2 of every row, with G the identity where there is none. */
  static double[] damages(Matrix weight, WeightRows solved, LayerStatistics statistics) {
    int k = weight.columns();
    float[] error = new float[weight.values().length];
    solved.decode(0, weight.rows(), error, 0);
    for (int i = 0; i < error.length; i++) {
      error[i] = weight.values()[i] - error[i];
    }
    float[] product = new float[error.length];
    float[] gram = statistics.gram().values();
    Gemm.multiply(weight.rows(), k, k, error, 0, k, gram, 0, k, product, 0, k);
    double[] damages = new double[weight.rows()];
    for (int row = 0; row < damages.length; row++) {
      double sum = 0;
      for (int i = row * k; i < (row + 1) * k; i++) {
        sum += (double) error[i] * product[i];
      }
      Matrix metric = statistics.outputMetric();
      double weightOfRow = metric == null ? 1 : metric.values()[row * (damages.length + 1)];
      damages[row] = weightOfRow * sum / 2;
    }
    return damages;
  }

  /** Bits stored for a layer of so many rows that have as many planes each, padding included. */
  public static double bits(int rows, int columns, Group group, int planes) {
    Layer layer = new Layer(new double[1][rows], columns, group.perRow(columns));
    return rows * layer.bits(planes) + BITS_OF_PADDING;
  }

  /**
   * The planes of every row of every layer.
   *
   * @param bits stored bits over all layers, scales, numbers of planes and padding included
   * @return a layer each
   * @throws IllegalArgumentException if one plane in every row is already more
   */
  public static List<PlaneCounts> allocate(List<Layer> layers, double bits) {
    byte[][] cheapest = choose(layers, Double.POSITIVE_INFINITY);
    if (size(layers, cheapest) > bits) {
      throw new IllegalArgumentException(
          "One plane a row takes %.0f bits, more than %.0f"
              .formatted(size(layers, cheapest), bits));
    }
    byte[][] best = choose(layers, 0);
    return counts(size(layers, best) <= bits ? best : bisect(layers, bits, cheapest));
  }

  private static byte[][] bisect(List<Layer> layers, double bits, byte[][] cheapest) {
    byte[][] best = cheapest;
    double low = 0;
    double high = 0;
    for (Layer layer : layers) {
      for (double damage : layer.damage()[0]) {
        high = Math.max(high, damage);
      }
    }
    for (int i = 0; i < HALVINGS && low < high; i++) {
      double middle = low + (high - low) / 2;
      byte[][] chosen = choose(layers, middle);
      if (size(layers, chosen) <= bits) {
        best = chosen;
        high = middle;
      } else {
        low = middle;
      }
    }
    return best;
  }

  private static List<PlaneCounts> counts(byte[][] planes) {
    List<PlaneCounts> counts = new ArrayList<>();
    for (byte[] layer : planes) {
      counts.add(new PlaneCounts(layer));
    }
    return counts;
  }

  private static byte[][] choose(List<Layer> layers, double price) {
    byte[][] chosen = new byte[layers.size()][];
    for (int l = 0; l < chosen.length; l++) {
      Layer layer = layers.get(l);
      chosen[l] = new byte[layer.rows()];
      for (int row = 0; row < chosen[l].length; row++) {
        chosen[l][row] = (byte) planes(layer, row, price);
      }
    }
    return chosen;
  }

  private static int planes(Layer layer, int row, double price) {
    int best = 1;
    double least = layer.damage()[0][row];
    for (int planes = 2; planes <= PlaneCounts.MOST; planes++) {
      double more = price * (layer.bits(planes) - layer.bits(1));
      double cost = layer.damage()[planes - 1][row] + more;
      if (cost < least) {
        best = planes;
        least = cost;
      }
    }
    return best;
  }

  /** Bits of all layers. */
  private static double size(List<Layer> layers, byte[][] planes) {
    double size = 0;
    for (int l = 0; l < planes.length; l++) {
      size += BITS_OF_PADDING;
      for (byte count : planes[l]) {
        size += layers.get(l).bits(count);
      }
    }
    return size;
  }
}
