package io.tritmill.kernels.rate;

import io.tritmill.kernels.simd.MachineLimits;
import java.awt.Color;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.TreeMap;
import org.knowm.xchart.BitmapEncoder;
import org.knowm.xchart.BitmapEncoder.BitmapFormat;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.XYSeries;
import org.knowm.xchart.style.markers.SeriesMarkers;

/**
 * Draws the rate of square matrix products over their size, below what arithmetic allows.
 *
 * <p>Reads the CSV file of a run of JMH that holds {@code GemmBenchmark.transposed} and {@code
 * GemmBenchmark.plain}. The limit is measured while drawing: the compiler halves the rate of that
 * loop when it compiles it once more, some seconds into a benchmark.
 */
public final class ProductChart {
  private static final String PRODUCTS = "GemmBenchmark.";
  private static final int ROUNDS = 100_000;
  private static final int TURNS = 30;

  private ProductChart() {}

  /** Takes the CSV file, and the PNG file to write. */
  public static void main(String[] arguments) throws IOException {
    List<String[]> rows =
        Files.readAllLines(Path.of(arguments[0])).stream().map(ProductChart::cells).toList();
    XYChart chart =
        new XYChartBuilder()
            .width(720)
            .height(400)
            .title("f32 matrix product of n x n, one thread")
            .xAxisTitle("n")
            .yAxisTitle("GFLOP/s")
            .build();
    TreeMap<Double, Double> transposed = rates(rows, PRODUCTS + "transposed");
    add(chart, "a b'", transposed);
    add(chart, "a b", rates(rows, PRODUCTS + "plain"));
    double limit = limit();
    TreeMap<Double, Double> line = new TreeMap<>();
    line.put(transposed.firstKey(), limit);
    line.put(transposed.lastKey(), limit);
    add(chart, "multiply-adds in registers", line).setMarker(SeriesMarkers.NONE);
    chart.getStyler().setYAxisMin(0.0);
    chart.getStyler().setChartBackgroundColor(Color.WHITE);
    Path file = Path.of(arguments[1]);
    Files.createDirectories(file.toAbsolutePath().getParent());
    BitmapEncoder.saveBitmap(chart, file.toString(), BitmapFormat.PNG);
  }

  /** The most GFLOP/s of several turns. */
  private static double limit() {
    double most = 0;
    for (int turn = 0; turn < TURNS; turn++) {
      long start = System.nanoTime();
      MachineLimits.multiplyAdd(ROUNDS);
      long took = System.nanoTime() - start;
      most = Math.max(most, 2.0 * ROUNDS * MachineLimits.multiplyAddsInRound() / took);
    }
    return most;
  }

  private static XYSeries add(XYChart chart, String name, TreeMap<Double, Double> points) {
    return chart.addSeries(name, List.copyOf(points.keySet()), List.copyOf(points.values()));
  }

  /** GFLOP/s of a benchmark by its parameter n, or at 0 where it has none. */
  private static TreeMap<Double, Double> rates(List<String[]> rows, String benchmark) {
    String[] header = rows.getFirst();
    int n = Arrays.asList(header).indexOf("Param: n");
    int score = Arrays.asList(header).indexOf("Score");
    TreeMap<Double, Double> rates = new TreeMap<>();
    for (String[] row : rows) {
      if (row[0].endsWith(benchmark + ":gflop")) {
        double size = n < 0 || row[n].isEmpty() ? 0 : Double.parseDouble(row[n]);
        rates.put(size, Double.parseDouble(row[score]));
      }
    }
    if (rates.isEmpty()) {
      throw new IllegalArgumentException("The file holds no results of " + benchmark);
    }
    return rates;
  }

  private static String[] cells(String line) {
    return line.replace("\"", "").split(",", -1);
  }
}
