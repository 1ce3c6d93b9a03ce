package io.tritmill.jobs.plan;

import io.tritmill.kernels.model.Site;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The stages that calibration streams go through, those that are alike counted together.
 *
 * @param stages where layers learn
 * @param blockProducts multiply-adds of a token in the costliest block
 */
record CalibrationStages(List<Stage> stages, long blockProducts) {

  /**
   * Layers whose inputs come at the same time.
   *
   * @param times how many stages there are like this one
   * @param products of a token that come before its inputs are known, in the block; before those of
   *     the head, also in all blocks where no layer learns
   */
  record Stage(List<PlannedTensor> layers, int times, double products) {
    /** A layer of each site. */
    List<PlannedTensor> sites() {
      Map<Site, PlannedTensor> sites = new LinkedHashMap<>();
      layers.forEach(layer -> sites.putIfAbsent(layer.site(), layer));
      return List.copyOf(sites.values());
    }
  }

  /** Those of a plan: block after block, and the head last. */
  static CalibrationStages of(Plan plan) {
    List<Stage> stages = new ArrayList<>();
    Map<Integer, List<PlannedTensor>> blocks = new LinkedHashMap<>();
    List<PlannedTensor> heads = new ArrayList<>();
    for (PlannedTensor layer : plan.layers().stream().filter(PlannedTensor::learns).toList()) {
      if (layer.head()) {
        heads.add(layer);
        continue;
      }
      blocks.computeIfAbsent(layer.block(), block -> new ArrayList<>()).add(layer);
    }
    Map<List<Object>, List<List<PlannedTensor>>> alike = new LinkedHashMap<>();
    for (List<PlannedTensor> block : blocks.values()) {
      alike.computeIfAbsent(likeness(block), key -> new ArrayList<>()).add(block);
    }
    double most = 0;
    for (List<List<PlannedTensor>> same : alike.values()) {
      List<PlannedTensor> block = same.getFirst();
      double products = block.stream().mapToDouble(CalibrationStages::products).sum();
      most = Math.max(most, products);
      Map<Integer, List<PlannedTensor>> byStage = new LinkedHashMap<>();
      block.forEach(
          layer ->
              byStage.computeIfAbsent(layer.site().stage(), stage -> new ArrayList<>()).add(layer));
      for (List<PlannedTensor> layers : byStage.values()) {
        stages.add(new Stage(layers, same.size(), products / byStage.size()));
      }
    }
    for (PlannedTensor head : heads) {
      Map<Integer, Double> passed = passed(plan, blocks.keySet());
      double products = passed.values().stream().mapToDouble(Double::doubleValue).sum();
      stages.add(new Stage(List.of(head), 1, products));
      most = Math.max(most, passed.values().stream().reduce(0.0, Math::max));
    }
    return new CalibrationStages(List.copyOf(stages), Math.round(most));
  }

  /** Products of a token in each block that the streams pass though no layer of it learns. */
  private static Map<Integer, Double> passed(Plan plan, Set<Integer> learning) {
    Map<Integer, Double> products = new LinkedHashMap<>();
    for (PlannedTensor tensor : plan.tensors()) {
      if (tensor.module() != null && !tensor.head() && !learning.contains(tensor.block())) {
        products.merge(tensor.block(), products(tensor), Double::sum);
      }
    }
    return products;
  }

  /** What blocks have in common that take equally long. */
  private static List<Object> likeness(List<PlannedTensor> block) {
    int first = block.getFirst().site().stage();
    List<Object> likeness = new ArrayList<>();
    for (PlannedTensor layer : block) {
      likeness.addAll(
          List.of(
              layer.site().stage() - first,
              layer.tensor().shape(),
              layer.site().share(),
              layer.method()));
    }
    return likeness;
  }

  private static double products(PlannedTensor layer) {
    return layer.site().share() * layer.tensor().elements();
  }
}
