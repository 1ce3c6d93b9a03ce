package io.tritmill.jobs.export;

import io.tritmill.jobs.checkpoint.Checkpoint;
import io.tritmill.jobs.gguf.FamilyTensor;
import io.tritmill.jobs.tensor.Stack;
import io.tritmill.jobs.tensor.TensorInfo;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The tensors of a model as its family has them, whether their matrices are packed or kept. */
final class FamilyWeights {
  private final Map<String, List<FamilyMatrix>> matrices = new LinkedHashMap<>();
  private final Map<String, List<Long>> shapes = new LinkedHashMap<>();

  FamilyWeights(PackedRun model) {
    for (String file : model.checkpoint().files()) {
      for (Layer layer : model.layers().get(file)) {
        add(layer.name(), new FamilyMatrix.Packed(layer));
      }
      for (TensorInfo kept : model.kept().get(file)) {
        Optional<Stack> stack = model.checkpoint().stack(kept.name());
        if (stack.isPresent()) {
          for (int i = 0; i < stack.get().matrices(); i++) {
            add(Stack.name(kept.name(), i), new FamilyMatrix.Kept(stack.get().matrix(i)));
          }
        } else {
          add(kept.name(), new FamilyMatrix.Kept(kept));
          shapes.put(kept.name(), kept.shape());
        }
      }
    }
  }

  private void add(String name, FamilyMatrix matrix) {
    String stack = Stack.nameOf(name);
    boolean single = stack.isEmpty();
    List<FamilyMatrix> all =
        matrices.computeIfAbsent(single ? name : stack, ignored -> new ArrayList<>());
    int index = single ? 0 : Stack.index(name);
    while (all.size() <= index) {
      all.add(null);
    }
    all.set(index, matrix);
    List<Long> one = List.of(matrix.rows(), (long) matrix.columns());
    shapes.put(single ? name : stack, single ? one : stacked(all.size(), one));
  }

  /** Names and shapes of those of a checkpoint of which nothing is packed. */
  static List<FamilyTensor> tensors(Checkpoint checkpoint) {
    List<FamilyTensor> tensors = new ArrayList<>();
    for (TensorInfo tensor : checkpoint.tensors()) {
      List<Long> shape =
          checkpoint
              .stack(tensor.name())
              .map(stack -> stacked(stack.matrices(), stack.matrix(0).shape()))
              .orElse(tensor.shape());
      tensors.add(new FamilyTensor(tensor.name(), shape));
    }
    return tensors;
  }

  private static List<Long> stacked(long matrices, List<Long> one) {
    return List.of(matrices, one.getFirst(), one.getLast());
  }

  /** Their names and shapes. */
  List<FamilyTensor> tensors() {
    List<FamilyTensor> tensors = new ArrayList<>();
    shapes.forEach((name, shape) -> tensors.add(new FamilyTensor(name, shape)));
    return tensors;
  }

  /** The matrices of a tensor, one unless it is stacked. */
  List<FamilyMatrix> matrices(String name) {
    return matrices.get(name);
  }
}
