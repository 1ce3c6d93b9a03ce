package io.tritmill.jobs.quantize;

import io.tritmill.kernels.model.Site;
import io.tritmill.kernels.quantize.Need;
import io.tritmill.kernels.quantize.Quantizer;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Function;

/** What the methods of a site ask of calibration together. */
final class SiteNeeds {
  private SiteNeeds() {}

  /**
   * What the work at each site of a stage asks for.
   *
   * @param site of a piece of work
   * @param method of a piece of work
   * @param needs what a method needs for the purpose at hand
   */
  static <T> Map<Site, SortedMap<Double, Set<Need>>> of(
      List<T> work,
      Function<T, Site> site,
      Function<T, Quantizer> method,
      Function<Quantizer, Set<Need>> needs) {
    Map<Site, List<Quantizer>> methods = new LinkedHashMap<>();
    for (T one : work) {
      methods.computeIfAbsent(site.apply(one), at -> new ArrayList<>()).add(method.apply(one));
    }
    Map<Site, SortedMap<Double, Set<Need>>> bySite = new LinkedHashMap<>();
    methods.forEach((at, own) -> bySite.put(at, of(own, needs)));
    return bySite;
  }

  /**
   * The needs of methods that weigh tokens alike, by the least weight of a token.
   *
   * @param needs what a method needs for the purpose at hand
   */
  private static SortedMap<Double, Set<Need>> of(
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
