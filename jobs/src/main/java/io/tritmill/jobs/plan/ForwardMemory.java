package io.tritmill.jobs.plan;

import io.tritmill.jobs.checkpoint.Checkpoint;
import io.tritmill.jobs.data.CalibrationSet;
import io.tritmill.jobs.evaluate.EvaluateOnSpark;
import io.tritmill.jobs.recipe.Recipe;
import io.tritmill.jobs.tensor.TensorInfo;
import io.tritmill.kernels.model.Architecture;
import io.tritmill.kernels.model.Sublayer;
import io.tritmill.kernels.model.TensorSpec;
import io.tritmill.kernels.model.forward.ForwardScratch;
import io.tritmill.kernels.quantize.Need;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What the forward pass holds at most: where layers learn, and where the model is evaluated.
 *
 * <p>Weights are those of one sublayer as they are held, with all its experts: where layers learn,
 * an executor's tasks share them. A task has the residual streams of its chunk and the scratch of
 * its pass.
 *
 * @param weights bytes of the largest sublayer's; 0 where no layer learns
 * @param task bytes of each task beside them; 0 where no layer learns
 * @param evaluation bytes of a task that evaluates, weights included; 0 for a model that cannot be
 *     run
 */
public record ForwardMemory(long weights, long task, long evaluation) {
  /** Of a model that is not run. */
  static final ForwardMemory NONE = new ForwardMemory(0, 0, 0);

  /** Tokens of a sequence that an evaluation has as a rule. */
  private static final int EVALUATED_TOKENS = 2048;

  /** Tokens of the vocabulary, and positions, whose logits are held at once. */
  private static final long LOGITS = 1024;

  /** Files' buffers, routes and ids. */
  private static final long SMALL = 8 << 20;

  /** Of a run. */
  static ForwardMemory of(Checkpoint checkpoint, Recipe recipe, List<PlannedTensor> tensors) {
    Architecture model = checkpoint.architecture();
    Weights weights = new Weights(checkpoint, tensors);
    long stored = weights.largest(model, false, false);
    long evaluation = stored + evaluation(model);
    boolean learns = tensors.stream().anyMatch(PlannedTensor::learns);
    return learns
        ? new ForwardMemory(
            weights.largest(model, !recipe.transforms().isEmpty(), recipe.propagateError()),
            task(model, recipe, tensors),
            evaluation)
        : new ForwardMemory(0, 0, evaluation);
  }

  private static long evaluation(Architecture model) {
    int tokens = EvaluateOnSpark.RESIDUAL_FLOATS / model.hidden();
    int longest = Math.min(EVALUATED_TOKENS, model.maxPositions());
    // The streams of the model and of its baseline.
    long streams = 2L * EvaluateOnSpark.RESIDUAL_FLOATS;
    long head = LOGITS * (2L * model.hidden() + 2 * LOGITS);
    return SMALL + Float.BYTES * (streams + head + scratch(model, tokens, longest));
  }

  private static long task(Architecture model, Recipe recipe, List<PlannedTensor> tensors) {
    Recipe.Calibration set = recipe.calibration().orElse(Recipe.Calibration.DEFAULT);
    int longest = set.sequenceLength();
    long all = (long) (set.samples() + set.heldOut()) * longest;
    int most = Math.max(longest, CalibrationSet.chunkTokens(model.blockProducts()));
    int tokens = (int) Math.min(all, most);
    boolean metric =
        tensors.stream()
            .anyMatch(one -> one.learns() && one.quantizer().needs().contains(Need.OUTPUT_METRIC));
    // Both streams, and how they differ; the curvature of the loss and what it is read into.
    long streams = recipe.propagateError() ? 3 : 1;
    long curvature = metric ? 3L * model.hidden() * model.hidden() : 0;
    long floats = streams * tokens * model.hidden() + curvature + scratch(model, tokens, longest);
    return SMALL + Float.BYTES * floats;
  }

  private static long scratch(Architecture model, int tokens, int longest) {
    int widest =
        model.sublayers().stream()
            .flatMap(sublayer -> sublayer.operator().modules().stream())
            .mapToInt(module -> module.columns())
            .max()
            .orElse(0);
    return ForwardScratch.floats(model, tokens, longest) + ForwardScratch.productFloats(widest);
  }

  /** The weights of sublayers as they are held. */
  private static final class Weights {
    private final Checkpoint checkpoint;
    private final Map<String, PlannedTensor> compressed = new HashMap<>();

    Weights(Checkpoint checkpoint, List<PlannedTensor> tensors) {
      this.checkpoint = checkpoint;
      for (PlannedTensor tensor : tensors) {
        if (!tensor.kept()) {
          compressed.put(tensor.tensor().name(), tensor);
        }
      }
    }

    /**
     * Bytes of the largest sublayer.
     *
     * @param rotated whether weights of linear modules are held as floats
     * @param twice whether compressed weights are held beside those that they are made of
     */
    long largest(Architecture model, boolean rotated, boolean twice) {
      long most = 0;
      for (Sublayer sublayer : model.sublayers()) {
        long bytes = 0;
        for (TensorSpec spec : sublayer.tensors()) {
          bytes += bytes(spec, rotated, twice);
        }
        most = Math.max(most, bytes);
      }
      return most;
    }

    private long bytes(TensorSpec spec, boolean rotated, boolean twice) {
      TensorInfo tensor = checkpoint.tensor(spec.name()).orElseThrow();
      PlannedTensor layer = compressed.get(spec.name());
      boolean floats = spec.vector() || rotated && layer != null;
      long held = floats ? Float.BYTES * tensor.elements() : tensor.heldBytes();
      return held + (twice && layer != null ? layer.bytesOut() : 0);
    }
  }
}
