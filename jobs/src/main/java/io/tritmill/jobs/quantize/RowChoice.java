package io.tritmill.jobs.quantize;

import io.tritmill.jobs.plan.PlannedTensor;
import io.tritmill.jobs.plan.RowBudget;
import io.tritmill.jobs.run.RunDirectory;
import io.tritmill.jobs.storage.CheckedJson;
import io.tritmill.jobs.storage.Storage;
import io.tritmill.kernels.code.PlaneCounts;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Consumer;

/**
 * How many planes each row of a run's layers has, as {@code planes.json} keeps it.
 *
 * @param bits stored bits of a weight that were asked for
 * @param layers by name of the weight: a digit for each row
 */
record RowChoice(double bits, SortedMap<String, String> layers) {
  private static final int MAX_FILE = 1 << 30;

  static RowChoice of(RowBudget budget, List<PlaneCounts> counts) {
    SortedMap<String, String> digits = new TreeMap<>();
    for (int l = 0; l < counts.size(); l++) {
      StringBuilder text = new StringBuilder();
      for (byte count : counts.get(l).toArray()) {
        text.append(count);
      }
      digits.put(budget.layers().get(l).tensor().name(), text.toString());
    }
    return new RowChoice(budget.bits(), digits);
  }

  /**
   * What an earlier attempt chose; null if there is nothing, or not for these layers.
   *
   * @param remarks gets a sentence if what there is cannot be used
   */
  static RowChoice read(
      Storage storage, RunDirectory run, List<PlannedTensor> layers, Consumer<String> remarks) {
    if (!storage.exists(run.planes())) {
      return null;
    }
    // Where a crash of the machine spoiled it, it follows from the rest of the run.
    Optional<RowChoice> found =
        CheckedJson.read(
            run.planes().toString(),
            storage.read(run.planes(), MAX_FILE),
            RowChoice.class,
            sentence -> remarks.accept(sentence + "; it is made again"));
    if (found.isPresent() && found.get().isOf(layers)) {
      return found.get();
    }
    if (found.isPresent()) {
      remarks.accept("%s: is not of this run's layers; it is made again".formatted(run.planes()));
    }
    return null;
  }

  private boolean isOf(List<PlannedTensor> wanted) {
    return layers != null
        && layers.size() == wanted.size()
        && wanted.stream()
            .allMatch(
                layer ->
                    layers
                        .getOrDefault(layer.tensor().name(), "")
                        .matches("[1-3]{%d}".formatted(layer.rows())));
  }

  /** The numbers of planes by name of the weight. */
  Map<String, PlaneCounts> counts() {
    Map<String, PlaneCounts> counts = new HashMap<>();
    layers.forEach((name, digits) -> counts.put(name, new PlaneCounts(bytes(digits))));
    return counts;
  }

  /** All rows together. */
  String total() {
    return new PlaneCounts(bytes(String.join("", layers.values()))).toString();
  }

  private static byte[] bytes(String digits) {
    byte[] counts = new byte[digits.length()];
    for (int row = 0; row < counts.length; row++) {
      counts[row] = (byte) (digits.charAt(row) - '0');
    }
    return counts;
  }
}
