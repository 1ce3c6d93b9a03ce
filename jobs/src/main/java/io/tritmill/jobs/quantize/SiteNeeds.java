package io.tritmill.jobs.quantize;

import io.tritmill.kernels.quantize.Need;
import io.tritmill.kernels.quantize.Quantizer;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Function;

/** What the methods of one site ask of calibration together. */
final class SiteNeeds {
  private SiteNeeds() {}

  /**
   * The needs of methods that weigh tokens alike, by the least weight of a token.
   *
   * @param needs what a method needs for the purpose at hand
   */
  static SortedMap<Double, Set<Need>> of(
      List<Quantizer> methods, Function<Quantizer, Set<Need>> needs) {
    SortedMap<Double, Set<Need>> byWeight = new TreeMap<>();
    for (Quantizer method : methods) {
      byWeight
          .computeIfAbsent(method.leastTokenWeight(), least -> EnumSet.noneOf(Need.class))
          .addAll(needs.apply(method));
    }
    return byWeight;
  }
}
