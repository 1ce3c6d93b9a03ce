package io.tritmill.jobs.bench;

import com.fasterxml.jackson.annotation.JsonProperty;
import io.tritmill.jobs.storage.MayBeMissing;
import java.util.Locale;

/**
 * How fast a kernel is, and how fast it could be.
 *
 * @param kernel name
 * @param shape its operands
 * @param rate what it did in a second
 * @param unit of both rates
 * @param bound what limits it: {@code arithmetic}, {@code cache} or {@code memory}
 * @param boundRate what that limit allows
 * @param share rate over boundRate
 */
public record KernelRate(
    String kernel,
    String shape,
    double rate,
    @MayBeMissing String unit,
    @MayBeMissing String bound,
    @MayBeMissing @JsonProperty("bound_rate") double boundRate,
    @MayBeMissing double share) {

  static KernelRate of(Probe probe, Costs costs, double seconds, Limits limits) {
    double arithmetic = limits.arithmeticSeconds(costs);
    double traffic = limits.trafficSeconds(costs);
    double least = Math.max(arithmetic, traffic);
    return new KernelRate(
        probe.kernel(),
        probe.shape(),
        probe.unit().rate(costs.amount(), seconds),
        probe.unit().perSecond(),
        arithmetic >= traffic ? "arithmetic" : costs.place().name().toLowerCase(Locale.ROOT),
        probe.unit().rate(costs.amount(), least),
        least / seconds);
  }
}
