package io.tritmill.jobs.gguf.architecture;

import io.tritmill.jobs.failure.BadInputException;
import io.tritmill.jobs.failure.Printable;
import io.tritmill.jobs.gguf.FamilyTensor;
import io.tritmill.jobs.gguf.RowOrder;
import io.tritmill.jobs.gguf.StoredTensor;
import io.tritmill.jobs.tensor.Gathered;
import io.tritmill.jobs.tensor.Gathered.Run;
import io.tritmill.jobs.tensor.Gathered.Section;
import io.tritmill.jobs.tensor.TensorInfo;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/** How stacked tensors of ggml hold the experts of a family. */
enum StackFold implements Fold {
  /** A tensor of its own for each expert; the name has its number. */
  EACH {
    @Override
    public List<TensorInfo> read(List<TensorInfo> stored, List<String> names, Keys keys) {
      return slices(stored.getFirst(), names, keys);
    }

    @Override
    public List<StoredTensor> write(List<FamilyTensor> family, List<String> names, Keys keys) {
      FamilyTensor first = family.getFirst();
      for (FamilyTensor one : family) {
        if (one.shape().size() != 2 || !one.shape().equals(first.shape())) {
          throw Fold.misshapen(keys.file(), one, "that of " + Printable.of(first.name()));
        }
      }
      List<Long> shape =
          List.of((long) family.size(), first.shape().getFirst(), first.shape().getLast());
      RowOrder order = RowOrder.stacked(family.size(), first.rows());
      List<String> sources = family.stream().map(FamilyTensor::name).toList();
      return List.of(
          StoredTensor.of(names.getFirst(), shape, new StoredTensor.Rows(sources, order)));
    }
  },
  /** Gate and up are two stacks, in the family one: of each expert gate lies above up. */
  ABOVE {
    @Override
    public List<TensorInfo> read(List<TensorInfo> stored, List<String> names, Keys keys) {
      TensorInfo gate = requireStack(stored.getFirst(), keys);
      return List.of(joined(names.getFirst(), gate, stored.getLast(), gate.shape().get(1)));
    }

    @Override
    public List<StoredTensor> write(List<FamilyTensor> family, List<String> names, Keys keys) {
      return parted(family.getFirst(), names, requirePairs(family.getFirst(), keys), keys);
    }
  },
  /** Gate and up are two stacks, in the family one: their rows take turns. */
  TURNS {
    @Override
    public List<TensorInfo> read(List<TensorInfo> stored, List<String> names, Keys keys) {
      TensorInfo gate = requireStack(stored.getFirst(), keys);
      return List.of(joined(names.getFirst(), gate, stored.getLast(), 1));
    }

    @Override
    public List<StoredTensor> write(List<FamilyTensor> family, List<String> names, Keys keys) {
      requirePairs(family.getFirst(), keys);
      return parted(family.getFirst(), names, 1, keys);
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

    @Override
    public List<StoredTensor> write(List<FamilyTensor> family, List<String> names, Keys keys) {
      FamilyTensor both = family.getFirst();
      if (both.shape().size() != 2 || both.columns() % 2 != 0) {
        throw Fold.misshapen(keys.file(), both, "(experts, biases), an even number");
      }
      List<Long> shape = List.of(both.shape().getFirst(), both.columns() / 2);
      List<Section> order = List.of(turns(both.elements() / 2, 1));
      return List.of(
          StoredTensor.elements(names.getFirst(), shape, both, RowOrder.back(order, 0)),
          StoredTensor.elements(names.getLast(), shape, both, RowOrder.back(order, 1)));
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

  /** Rows of gate, or of up, of an expert; they are half of those that it has. */
  private static long requirePairs(FamilyTensor both, Keys keys) {
    if (both.shape().size() != 3
        || both.elements() == 0
        || both.shape().get(1) % 2 != 0
        || both.shape().getFirst() != keys.experts()) {
      throw Fold.misshapen(
          keys.file(), both, keys.experts() + " matrices of an even number of rows");
    }
    return both.shape().get(1) / 2;
  }

  /** The stacks that take turns in one, so many rows each. */
  private static List<StoredTensor> parted(
      FamilyTensor both, List<String> names, long rows, Keys keys) {
    List<Long> shape = new ArrayList<>(both.shape());
    shape.set(1, requirePairs(both, keys));
    List<Section> order = List.of(turns(both.rows() / 2 / rows, rows));
    return IntStream.range(0, names.size())
        .mapToObj(
            part -> StoredTensor.ordered(names.get(part), shape, both, RowOrder.back(order, part)))
        .toList();
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
