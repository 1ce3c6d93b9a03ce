package io.tritmill.jobs.generate;

import io.tritmill.jobs.failure.BadInputException;
import io.tritmill.jobs.model.ModelReader;
import io.tritmill.jobs.model.ModelSource;
import io.tritmill.kernels.code.PackedPlanes;
import io.tritmill.kernels.code.TernaryLayout;
import io.tritmill.kernels.model.Architecture;
import io.tritmill.kernels.model.LatentAttention;
import io.tritmill.kernels.model.Module;
import io.tritmill.kernels.model.Operator;
import io.tritmill.kernels.model.Parallel;
import io.tritmill.kernels.model.Rotations;
import io.tritmill.kernels.model.Sublayer;
import io.tritmill.kernels.model.TensorSpec;
import io.tritmill.kernels.model.forward.DotProduct;
import io.tritmill.kernels.model.forward.ForwardPass;
import io.tritmill.kernels.model.forward.Linear;
import io.tritmill.kernels.model.forward.LinearProduct;
import io.tritmill.kernels.model.forward.OutputHead;
import io.tritmill.kernels.model.forward.SequenceState;
import io.tritmill.kernels.model.forward.SublayerWeights;
import io.tritmill.kernels.model.forward.TernaryProduct;
import io.tritmill.kernels.tensor.WeightRows;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/**
 * A model whose weights stay in memory as they are stored, each matrix once: about the size of its
 * files. One thread at a time, which takes the cores that are lent to it.
 */
public final class ResidentModel {
  private final Architecture model;
  private final Rotations rotations;
  private final WeightRows embedding;
  private final List<SublayerWeights> weights = new ArrayList<>();
  private final OutputHead end;
  private final Linear head;
  private ForwardPass pass;
  private int positions;

  private ResidentModel(ModelReader reader, Activations activations) {
    model = reader.architecture();
    rotations = reader.rotations();
    Map<String, WeightRows> read = new HashMap<>();
    Function<TensorSpec, WeightRows> matrices =
        spec -> read.computeIfAbsent(spec.name(), name -> reader.matrix(spec));
    int planes = 0;
    for (Sublayer sublayer : model.sublayers()) {
      Map<Module, LinearProduct> products = new HashMap<>();
      if (activations == Activations.INT8) {
        addProducts(sublayer.operator(), matrices, products);
        planes += products.size();
      }
      SublayerWeights stored = weights(reader.sublayer(sublayer), sublayer, matrices, products);
      weights.add(withDots(stored, sublayer.operator()));
      // What is in the weights is kept by them; the others were read for their products.
      read.clear();
    }
    embedding = reader.matrix(model.embedding());
    end = new OutputHead(model, reader.finalNorm());
    WeightRows rows = model.tied() ? embedding : reader.matrix(model.head());
    if (activations == Activations.INT8 && isPlanes(rows)) {
      PackedPlanes packed = (PackedPlanes) rows;
      head = new Linear(null, new float[0], new TernaryProduct(TernaryLayout.of(packed)));
      planes++;
    } else {
      head = new Linear(rows, new float[0], new DotProduct(rows));
    }
    if (activations == Activations.INT8 && planes == 0) {
      throw BadInputException.unsupported(
          "--activations int8 is for matrices of trit-planes, of which the model has none; leave it"
              + " out");
    }
  }

  /**
   * Reads a model.
   *
   * @throws BadInputException if its weights cannot be used, or the activations not with them
   */
  public static ResidentModel read(ModelSource source, Activations activations) {
    try (ModelReader reader = new ModelReader(source)) {
      return new ResidentModel(reader, activations);
    }
  }

  private static SublayerWeights weights(
      SublayerWeights lazy,
      Sublayer sublayer,
      Function<TensorSpec, WeightRows> matrices,
      Map<Module, LinearProduct> products) {
    Map<String, WeightRows> kept = new HashMap<>();
    for (TensorSpec spec : sublayer.tensors()) {
      boolean replaced =
          products.keySet().stream().anyMatch(one -> one.weight().name().equals(spec.name()));
      if (!spec.vector() && !replaced) {
        kept.put(spec.name(), matrices.apply(spec));
      }
    }
    return new SublayerWeights(kept, lazy.vectors(), products);
  }

  /** The modules that have no product yet are multiplied by dots of their rows. */
  private static SublayerWeights withDots(SublayerWeights stored, Operator operator) {
    Map<Module, LinearProduct> products = new HashMap<>(stored.products());
    for (Module module : operator.modules()) {
      if (!products.containsKey(module)) {
        products.put(module, new DotProduct(stored.linear(module).weight()));
      }
    }
    return new SublayerWeights(stored.matrices(), stored.vectors(), products);
  }

  private static void addProducts(
      Operator operator,
      Function<TensorSpec, WeightRows> matrices,
      Map<Module, LinearProduct> products) {
    switch (operator) {
      case Parallel parallel ->
          parallel.branches().forEach(one -> addProducts(one.operator(), matrices, products));
      // Latents are attended to through the rows of what would expand them.
      case LatentAttention latent -> {}
      default -> operator.modules().forEach(module -> addProduct(module, matrices, products));
    }
  }

  private static void addProduct(
      Module module,
      Function<TensorSpec, WeightRows> matrices,
      Map<Module, LinearProduct> products) {
    WeightRows rows = matrices.apply(module.weight());
    if (isPlanes(rows)) {
      PackedPlanes packed = (PackedPlanes) rows;
      products.put(
          module,
          new TernaryProduct(
              module.whole()
                  ? TernaryLayout.of(packed)
                  : TernaryLayout.of(packed, module.firstRow(), module.rows(), module.step())));
    }
  }

  private static boolean isPlanes(WeightRows rows) {
    return rows instanceof PackedPlanes packed && !packed.layout().shifted();
  }

  /** What the model is. */
  public Architecture architecture() {
    return model;
  }

  /**
   * Runs the next tokens of a sequence.
   *
   * @param ids tokens, each below the vocabulary
   * @param first the first of them
   * @param count how many, at least 1
   * @param state of the sequence so far; becomes that behind these tokens
   * @param end position behind the last of them
   * @return (count, hidden): what leaves the last block
   */
  float[] run(int[] ids, int first, int count, SequenceState state, int end) {
    reserve(Math.max(end, state.length()));
    int hidden = model.hidden();
    float[] x = new float[count * hidden];
    embedding.decode(0, 0, x, 0);
    for (int t = 0; t < count; t++) {
      embedding.decode(ids[first + t], 1, x, t * hidden);
    }
    ModelReader.enter(model, rotations, count, x);
    for (int i = 0; i < weights.size(); i++) {
      pass.run(model.sublayers().get(i), weights.get(i), x, count, state);
    }
    return x;
  }

  /** Tables of positions are made for twice as many as are asked for first. */
  private void reserve(int needed) {
    if (positions < needed) {
      positions = Math.max(needed, Math.min(2 * needed, model.maxPositions()));
      pass = ForwardPass.ofPieces(model, rotations, positions);
    }
  }

  /**
   * The logits of the token after a position.
   *
   * @param x (.., hidden): what left the last block
   * @param row of the position
   * @return (vocabulary)
   */
  float[] logits(float[] x, int row) {
    int hidden = model.hidden();
    float[] last = new float[hidden];
    System.arraycopy(x, row * hidden, last, 0, hidden);
    rotations.leave(1, last);
    end.normalize(1, last);
    float[] logits = new float[model.vocabulary()];
    end.logits(1, last, head, logits);
    return logits;
  }
}
