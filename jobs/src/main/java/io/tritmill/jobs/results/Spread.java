package io.tritmill.jobs.results;

import java.util.Collection;
import java.util.Locale;

/**
 * A number over several seeds.
 *
 * @param mean of all
 * @param half half the distance between the lowest and the highest; 0 for a single one
 * @param count numbers
 */
record Spread(double mean, double half, int count) {
  static Spread of(Collection<Double> values) {
    var statistics = values.stream().mapToDouble(Double::doubleValue).summaryStatistics();
    return new Spread(
        statistics.getAverage(),
        (statistics.getMax() - statistics.getMin()) / 2,
        (int) statistics.getCount());
  }

  Spread over(double divisor) {
    return new Spread(mean / divisor, half / Math.abs(divisor), count);
  }

  /** With so many decimals, and the half width where there are several numbers. */
  String text(int decimals) {
    String number = "%." + decimals + "f";
    return count == 1
        ? String.format(Locale.ROOT, number, mean)
        : String.format(Locale.ROOT, number + " ± " + number, mean, half);
  }
}
