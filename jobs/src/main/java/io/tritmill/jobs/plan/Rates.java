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
 * @param perInput seconds that a weight of a method that learns takes for each further input
 * @param checked weights of kept tensors that are checked
 * @param digested bytes whose checksum is derived
 * @param flops floating-point operations of a matrix product
 */
public record Rates(
    Map<Quantizer, Double> weights,
    Map<Quantizer, Double> perInput,
    double checked,
    double digested,
    double flops) {
  /** The rates of a core that is faster by a factor. */
  public Rates times(double factor) {
    return new Rates(
        scaled(weights, factor),
        scaled(perInput, 1 / factor),
        factor * checked,
        factor * digested,
        factor * flops);
  }

  private static Map<Quantizer, Double> scaled(Map<Quantizer, Double> rates, double factor) {
    return rates.entrySet().stream()
        .collect(Collectors.toMap(Map.Entry::getKey, entry -> factor * entry.getValue()));
  }

  /**
   * Seconds that a weight takes in a layer that learns: some for itself, as for choosing its level,
   * and some for each of the others that its error is made up for by.
   */
  double learning(Quantizer method, double inputs) {
    return 1 / weights.get(method) + Math.max(0, inputs - SpeedProbe.SIDE) * perInput.get(method);
  }

  /** Weights a second in millions, by method, for people. */
  Map<String, Double> byMethod() {
    Map<String, Double> shown = new TreeMap<>();
    weights.forEach((method, rate) -> shown.put(method.toString(), rate / 1e6));
    return shown;
  }
}
