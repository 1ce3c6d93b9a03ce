package io.tritmill.kernels.quantize;

import io.tritmill.kernels.code.Group;
import io.tritmill.kernels.code.Levels;
import io.tritmill.kernels.code.TritPlanes;
import io.tritmill.kernels.quantize.round.Absmean;
import io.tritmill.kernels.quantize.round.Ptqtp;
import io.tritmill.kernels.quantize.round.Statistical;
import io.tritmill.kernels.quantize.round.Twn;
import io.tritmill.kernels.tensor.Matrix;
import io.tritmill.kernels.tensor.WeightRows;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;

/** Gram matrices of inputs whose columns depend on each other, drawn with a fixed seed. */
public final class CorrelatedInputs {
  private CorrelatedInputs() {}

  /** Tokens of so many columns: a mixture of fewer sources, the first the strongest, and noise. */
  public static Matrix tokens(int count, int columns, long seed) {
    // The mixture belongs to the layer, so that other seeds give other tokens of the same kind.
    Random mixing = new Random(columns);
    int sources = Math.max(1, columns / 2);
    double[] mixture = new double[sources * columns];
    for (int i = 0; i < mixture.length; i++) {
      mixture[i] = mixing.nextGaussian() / Math.sqrt(1 + i / columns);
    }
    Random random = new Random(seed);
    Matrix x = Matrix.zeros(count, columns);
    for (int token = 0; token < count; token++) {
      for (int source = 0; source < sources; source++) {
        double strength = random.nextGaussian();
        for (int column = 0; column < columns; column++) {
          x.values()[token * columns + column] +=
              (float) (strength * mixture[source * columns + column]);
        }
      }
      for (int column = 0; column < columns; column++) {
        x.values()[token * columns + column] += (float) (0.3 * random.nextGaussian());
      }
    }
    return x;
  }

  /** A'B over the tokens, divided by their number. */
  public static Matrix product(Matrix a, Matrix b) {
    Matrix result = Matrix.zeros(a.columns(), b.columns());
    double[] sums = new double[result.values().length];
    for (int token = 0; token < a.rows(); token++) {
      for (int i = 0; i < a.columns(); i++) {
        double factor = a.values()[token * a.columns() + i];
        for (int j = 0; j < b.columns(); j++) {
          sums[i * b.columns() + j] += factor * b.values()[token * b.columns() + j];
        }
      }
    }
    for (int i = 0; i < sums.length; i++) {
      result.values()[i] = (float) (sums[i] / a.rows());
    }
    return result;
  }

  /** H + lambda I, lambda a share of the mean diagonal. */
  public static Matrix damped(Matrix gram, double damp) {
    int k = gram.rows();
    Matrix damped = new Matrix(k, k, gram.values().clone());
    double mean = 0;
    for (int i = 0; i < k; i++) {
      mean += gram.values()[i * k + i] / (double) k;
    }
    for (int i = 0; i < k; i++) {
      damped.values()[i * k + i] += (float) (damp * mean);
    }
    return damped;
  }

  public static Matrix gram(int columns, long seed) {
    Matrix x = tokens(4 * columns, columns, seed);
    return product(x, x);
  }

  /** Inputs with the Gram matrix alone. */
  public static LayerInputs of(Matrix gram) {
    return LayerInputs.NONE.with(LayerStatistics.of(1000, gram));
  }

  /** tr(E H E') with everything in double. */
  public static double outputError(Matrix weight, WeightRows planes, Matrix gram) {
    double sum = 0;
    for (double row : rowErrors(weight, planes, gram)) {
      sum += row;
    }
    return sum;
  }

  /** e H e' of every row with everything in double. */
  public static double[] rowErrors(Matrix weight, WeightRows planes, Matrix gram) {
    int k = weight.columns();
    float[] decoded = new float[weight.rows() * k];
    planes.decode(0, weight.rows(), decoded, 0);
    double[] errors = new double[weight.rows()];
    for (int row = 0; row < weight.rows(); row++) {
      for (int i = 0; i < k; i++) {
        double ei = (double) weight.values()[row * k + i] - decoded[row * k + i];
        for (int j = 0; j < k; j++) {
          double ej = (double) weight.values()[row * k + j] - decoded[row * k + j];
          errors[row] += ei * gram.values()[i * k + j] * ej;
        }
      }
    }
    return errors;
  }

  /** A method that is given the Gram matrix of some inputs, whatever the width. */
  public record Calibrated(Quantizer method) implements Quantizer {
    private static final Map<Integer, Matrix> GRAMS = new ConcurrentHashMap<>();

    @Override
    public Levels levels() {
      return method.levels();
    }

    @Override
    public int passes() {
      return method.passes();
    }

    @Override
    public double[] observe(Matrix band, LayerInputs inputs) {
      return method.observe(band, inputs);
    }

    @Override
    public TritPlanes quantize(Matrix band, LayerInputs inputs) {
      return method
          .quantize(
              band,
              inputs.with(
                  LayerStatistics.of(1, GRAMS.computeIfAbsent(band.columns(), k -> gram(k, 1)))))
          .planes();
    }
  }

  /** The grids that stages are tried around. */
  public static List<Quantizer> roundings(int group) {
    return List.of(
        new Ptqtp(1, Group.of(group), false, 50),
        new Ptqtp(2, Group.of(group), true, 50),
        new Ptqtp(3, Group.of(group), true, 50),
        new Ptqtp(2, Group.of(group), false, 50),
        new Ptqtp(3, Group.of(group), false, 50),
        new Ptqtp(2, Group.ROW, true, 50),
        new Twn(Group.of(group), 0.7f),
        new Absmean(Group.of(group)),
        new Statistical(Group.ROW));
  }
}
