package io.tritmill.jobs.gguf.architecture;

import io.tritmill.jobs.failure.BadInputException;
import io.tritmill.jobs.failure.Printable;
import io.tritmill.jobs.tensor.Gathered;
import io.tritmill.jobs.tensor.Gathered.Run;
import io.tritmill.jobs.tensor.Gathered.Section;
import io.tritmill.jobs.tensor.TensorInfo;
import java.util.ArrayList;
import java.util.List;

/** How stacked tensors of ggml hold the experts of a family. */
enum StackFold implements Fold {
  /** A tensor of its own for each expert; the name has its number. */
  EACH {
    @Override
    public List<TensorInfo> read(List<TensorInfo> stored, List<String> names, Keys keys) {
      return slices(stored.getFirst(), names, keys);
    }
  },
  /** Gate and up are two stacks, in the family one: of each expert gate lies above up. */
  ABOVE {
    @Override
    public List<TensorInfo> read(List<TensorInfo> stored, List<String> names, Keys keys) {
      TensorInfo gate = requireStack(stored.getFirst(), keys);
      return List.of(joined(names.getFirst(), gate, stored.getLast(), gate.shape().get(1)));
    }
  },
  /** Gate and up are two stacks, in the family one: their rows take turns. */
  TURNS {
    @Override
    public List<TensorInfo> read(List<TensorInfo> stored, List<String> names, Keys keys) {
      TensorInfo gate = requireStack(stored.getFirst(), keys);
      return List.of(joined(names.getFirst(), gate, stored.getLast(), 1));
    }
  },
  /** Biases of gate and of up are two tensors, in the family one: they take turns. */
  BIASES {
    @Override
    public List<TensorInfo> read(List<TensorInfo> stored, List<String> names, Keys keys) {
      TensorInfo gate = stored.getFirst();
      if (gate.shape().size() != 2 || gate.elements() == 0) {
        throw Fold.contradiction(gate, "(experts, biases)");
      }
      List<Long> shape = List.of(gate.shape().getFirst(), 2 * gate.shape().getLast());
      Section turns = turns(gate.elements(), 1);
      List<TensorInfo> both = List.of(gate, alike(gate, stored.getLast()));
      return List.of(Gathered.of(names.getFirst(), shape, both, List.of(turns), 1));
    }
  };

  /** More than any block has. */
  private static final int MOST_EXPERTS = 65_536;

  private static TensorInfo joined(String name, TensorInfo gate, TensorInfo up, long rows) {
    List<Long> shape = new ArrayList<>(gate.shape());
    shape.set(1, Math.multiplyExact(2, gate.shape().get(1)));
    Section turns = turns(gate.rows() / rows, rows);
    return Gathered.of(name, shape, List.of(gate, alike(gate, up)), List.of(turns), gate.columns());
  }

  /** Units of the first source, then as many of the second, and so on. */
  private static Section turns(long repeats, long units) {
    return new Section(repeats, List.of(new Run(0, 0, units, units), new Run(1, 0, units, units)));
  }

  /** Consecutive rows of each expert under the names that the family has for them. */
  private static List<TensorInfo> slices(TensorInfo stack, List<String> names, Keys keys) {
    requireStack(stack, keys);
    long rows = stack.shape().get(1);
    if (rows % names.size() != 0) {
      throw Fold.contradiction(stack, "rows for each of %d tensors of an expert", names.size());
    }
    long bytes = stack.bytes() / stack.shape().getFirst() / names.size();
    List<TensorInfo> slices = new ArrayList<>();
    for (int expert = 0; expert < stack.shape().getFirst(); expert++) {
      for (int part = 0; part < names.size(); part++) {
        slices.add(
            new TensorInfo(
                names.get(part).formatted(expert),
                stack.dtype(),
                List.of(rows / names.size(), stack.shape().getLast()),
                stack.file(),
                stack.offset() + ((long) expert * names.size() + part) * bytes,
                bytes));
      }
    }
    return slices;
  }

  private static TensorInfo requireStack(TensorInfo stack, Keys keys) {
    int experts = keys.experts();
    if (stack.shape().size() != 3
        || stack.elements() == 0
        || stack.shape().getFirst() != experts
        || experts > MOST_EXPERTS) {
      throw Fold.contradiction(stack, "matrices of %d experts, at most %d", experts, MOST_EXPERTS);
    }
    return stack;
  }

  private static TensorInfo alike(TensorInfo one, TensorInfo other) {
    if (!one.shape().equals(other.shape())) {
      throw BadInputException.broken(
          "%s: tensor %s has shape %s, but %s has %s, expected the same; do they belong together?",
          other.file(),
          Printable.of(other.name()),
          other.shape(),
          Printable.of(one.name()),
          one.shape());
    }
    return other;
  }
}
