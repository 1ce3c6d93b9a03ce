package io.tritmill.kernels.quantize;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.tritmill.kernels.tensor.Matrix;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Against the definition, in double. */
class OutputErrorTest {
  @Tag("slow")
  @ParameterizedTest
  @CsvSource({"1, 1", "3, 13", "300, 65", "513, 207", "2, 1030"})
  void tracesAreThoseOfTheDefinition(int rows, int columns) {
    Random random = new Random(rows);
    Matrix w = gaussian(rows, columns, random);
    Matrix decoded = gaussian(rows, columns, random);
    List<Matrix> grams = List.of(gram(columns, 7, random), gram(columns, columns + 5, random));

    List<OutputError> found = OutputError.of(w, decoded, grams);

    for (int i = 0; i < grams.size(); i++) {
      double[] error = new double[rows];
      double output = 0;
      for (int row = 0; row < rows; row++) {
        error[row] = quadratic(w, decoded, row, grams.get(i));
        output += quadratic(w, null, row, grams.get(i));
      }
      double sum = java.util.Arrays.stream(error).sum();
      assertEquals(sum, found.get(i).squaredError(), 1e-5 * sum);
      assertEquals(output, found.get(i).squaredOutput(), 1e-5 * output);
      double[] ofRows = OutputError.ofRows(w, decoded, grams.get(i));
      for (int row = 0; row < rows; row++) {
        assertEquals(error[row], ofRows[row], 1e-4 * error[row] + 1e-6);
      }
    }
  }

  @Test
  void shapesMustAgree() {
    Random random = new Random(1);
    Matrix w = gaussian(3, 4, random);
    List<Matrix> grams = List.of(gram(5, 9, random));
    assertThrows(IllegalArgumentException.class, () -> OutputError.of(w, w, grams));
    Matrix narrow = gaussian(3, 3, random);
    List<Matrix> right = List.of(gram(4, 9, random));
    assertThrows(IllegalArgumentException.class, () -> OutputError.of(w, narrow, right));
  }

  private static Matrix gaussian(int rows, int columns, Random random) {
    Matrix matrix = Matrix.zeros(rows, columns);
    for (int i = 0; i < matrix.values().length; i++) {
      matrix.values()[i] = (float) random.nextGaussian();
    }
    return matrix;
  }

  /** The mean products of so many tokens. */
  private static Matrix gram(int columns, int tokens, Random random) {
    Matrix x = gaussian(tokens, columns, random);
    Matrix gram = Matrix.zeros(columns, columns);
    for (int i = 0; i < columns; i++) {
      for (int j = 0; j < columns; j++) {
        double sum = 0;
        for (int t = 0; t < tokens; t++) {
          sum += (double) x.values()[t * columns + i] * x.values()[t * columns + j];
        }
        gram.values()[i * columns + j] = (float) (sum / tokens);
      }
    }
    return gram;
  }

  private static double quadratic(Matrix w, Matrix decoded, int row, Matrix gram) {
    int k = w.columns();
    double sum = 0;
    for (int i = 0; i < k; i++) {
      for (int j = 0; j < k; j++) {
        sum += error(w, decoded, row, i) * gram.values()[i * k + j] * error(w, decoded, row, j);
      }
    }
    return sum;
  }

  private static double error(Matrix w, Matrix decoded, int row, int column) {
    int at = row * w.columns() + column;
    return w.values()[at] - (decoded == null ? 0.0 : decoded.values()[at]);
  }
}
