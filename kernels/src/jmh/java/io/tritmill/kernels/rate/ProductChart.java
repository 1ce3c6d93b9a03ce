package io.tritmill.kernels.rate;

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
 * <p>Reads the CSV file of a run of JMH that holds {@code GemmBenchmark.transposed}, {@code
 * GemmBenchmark.plain} and {@code MachineLimitsBenchmark.multiplyAdd}.
 */
public final class ProductChart {
  private static final String PRODUCTS = "GemmBenchmark.";
  private static final String LIMIT = "MachineLimitsBenchmark.multiplyAdd";

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
    double limit = rates(rows, LIMIT).firstEntry().getValue();
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
