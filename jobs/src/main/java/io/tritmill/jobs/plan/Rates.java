package io.tritmill.jobs.plan;

import io.tritmill.kernels.quantize.Quantizer;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * What one core does in a second.
 *
 * @param weights weights that each method gets through, with everything that a task does to them
 *     but reading and writing; of a method that learns, in a layer of {@link SpeedProbe#SIDE}
 *     inputs
 * @param checked weights of kept tensors that are checked
 * @param digested bytes whose checksum is derived
 * @param flops floating-point operations of a matrix product
 */
public record Rates(Map<Quantizer, Double> weights, double checked, double digested, double flops) {
  /** The rates of a core that is faster by a factor. */
  public Rates times(double factor) {
    return new Rates(
        weights.entrySet().stream()
            .collect(Collectors.toMap(Map.Entry::getKey, entry -> factor * entry.getValue())),
        factor * checked,
        factor * digested,
        factor * flops);
  }

  /** Weights a second in millions, by method, for people. */
  Map<String, Double> byMethod() {
    Map<String, Double> shown = new TreeMap<>();
    weights.forEach((method, rate) -> shown.put(method.toString(), rate / 1e6));
    return shown;
  }
}
