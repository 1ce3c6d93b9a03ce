package io.tritmill.jobs.gguf.architecture;

import io.tritmill.jobs.failure.BadInputException;
import io.tritmill.jobs.gguf.FamilyTensor;
import io.tritmill.jobs.gguf.RowOrder;
import io.tritmill.jobs.gguf.StoredTensor;
import io.tritmill.jobs.tensor.Change;
import io.tritmill.jobs.tensor.Dress;
import io.tritmill.jobs.tensor.Gathered;
import io.tritmill.jobs.tensor.Gathered.Run;
import io.tritmill.jobs.tensor.Gathered.Section;
import io.tritmill.jobs.tensor.TensorInfo;
import java.util.ArrayList;
import java.util.List;

/**
 * How tensors of ggml hold a gated delta-net.
 *
 * <p>Several heads of values share one of keys. The family has them next to each other; newer files
 * of ggml have the first one of every head of keys, then the second ones, and so on.
 */
enum DeltaFold implements Fold {
  /** Rows of queries and keys as they are, below them those of values. */
  MIXED {
    @Override
    List<TensorInfo> read(TensorInfo stored, String name, Heads heads) {
      requireRows(stored, heads.channels());
      long unit = stored.columns();
      return List.of(Gathered.of(name, stored.shape(), List.of(stored), heads.mixed(), unit));
    }

    @Override
    StoredTensor write(FamilyTensor one, String name, Heads heads, String file) {
      requireRows(file, one, heads.channels());
      return StoredTensor.ordered(name, one.shape(), one, RowOrder.back(heads.mixed(), 0));
    }
  },
  /** A convolution of those rows. */
  CONVOLUTION {
    @Override
    List<TensorInfo> read(TensorInfo stored, String name, Heads heads) {
      requireRows(stored, heads.channels());
      List<Long> shape = Fold.OneInside.oneInside(stored);
      return List.of(Gathered.of(name, shape, List.of(stored), heads.mixed(), stored.columns()));
    }

    @Override
    StoredTensor write(FamilyTensor one, String name, Heads heads, String file) {
      List<Long> shape = Fold.OneInside.withoutOneInside(file, one);
      requireRows(file, one, heads.channels());
      return StoredTensor.ordered(name, shape, one, RowOrder.back(heads.mixed(), 0));
    }
  },
  /** Rows of all heads of values. */
  VALUES {
    @Override
    List<TensorInfo> read(TensorInfo stored, String name, Heads heads) {
      requireRows(stored, heads.values());
      List<Section> order = List.of(heads.ofValues(0, heads.valueSize()));
      return List.of(Gathered.of(name, stored.shape(), List.of(stored), order, stored.columns()));
    }

    @Override
    StoredTensor write(FamilyTensor one, String name, Heads heads, String file) {
      requireRows(file, one, heads.values());
      List<Section> order = List.of(heads.ofValues(0, heads.valueSize()));
      return StoredTensor.ordered(name, one.shape(), one, RowOrder.back(order, 0));
    }
  },
  /** A row for each head of values. */
  CONTROLS {
    @Override
    List<TensorInfo> read(TensorInfo stored, String name, Heads heads) {
      requireRows(stored, heads.valueHeads());
      List<Section> order = List.of(heads.ofValues(0, 1));
      return List.of(Gathered.of(name, stored.shape(), List.of(stored), order, stored.columns()));
    }

    @Override
    StoredTensor write(FamilyTensor one, String name, Heads heads, String file) {
      requireRows(file, one, heads.valueHeads());
      return StoredTensor.ordered(
          name, one.shape(), one, RowOrder.back(List.of(heads.ofValues(0, 1)), 0));
    }
  },
  /** A number for each head of values. */
  SHIFTS {
    @Override
    List<TensorInfo> read(TensorInfo stored, String name, Heads heads) {
      return List.of(numbers(stored, name, heads));
    }

    @Override
    StoredTensor write(FamilyTensor one, String name, Heads heads, String file) {
      requireNumbers(file, one, heads);
      return StoredTensor.ordered(
          name, one.shape(), one, RowOrder.back(List.of(heads.ofValues(0, 1)), 0));
    }
  },
  /** A number for each head of values, of which the family has another. */
  RATES {
    @Override
    List<TensorInfo> read(TensorInfo stored, String name, Heads heads) {
      TensorInfo ordered = numbers(stored, name, heads);
      return List.of(ordered.in(Dress.changed(ordered.dress(), Change.LOG_OF_NEGATIVE)));
    }

    @Override
    StoredTensor write(FamilyTensor one, String name, Heads heads, String file) {
      requireNumbers(file, one, heads);
      RowOrder order = RowOrder.back(List.of(heads.ofValues(0, 1)), 0);
      int count = heads.valueHeads();
      return StoredTensor.of(
          name,
          one.shape(),
          StoredTensor.Values.of(
              one.name(), rates -> Change.LOG_OF_NEGATIVE.stored(order.picked(rates, count))));
    }
  },
  /** A column for each element of all heads of values. */
  OUTPUT {
    @Override
    List<TensorInfo> read(TensorInfo stored, String name, Heads heads) {
      if (stored.shape().size() != 2 || stored.columns() != heads.values()) {
        throw Fold.contradiction(stored, "%d columns", heads.values());
      }
      List<Section> order = heads.columns(stored.rows());
      return List.of(Gathered.of(name, stored.shape(), List.of(stored), order, heads.valueSize()));
    }

    @Override
    StoredTensor write(FamilyTensor one, String name, Heads heads, String file) {
      if (one.shape().size() != 2 || one.columns() != heads.values()) {
        throw Fold.misshapen(file, one, heads.values() + " columns");
      }
      RowOrder order = RowOrder.back(heads.columns(1), 0);
      StoredTensor.Columns columns = new StoredTensor.Columns(order, heads.valueSize());
      return StoredTensor.of(
          name, one.shape(), new StoredTensor.Values(List.of(one.name()), columns));
    }
  },
  /**
   * Queries, keys and values in one tensor, gates in another; in the family all by head of keys.
   */
  BY_KEY_HEAD {
    @Override
    public List<TensorInfo> read(List<TensorInfo> stored, List<String> names, Keys keys) {
      Heads heads = Heads.of(keys);
      TensorInfo mixed = stored.getFirst();
      TensorInfo gate = stored.getLast();
      requireRows(mixed, heads.channels());
      requireRows(gate, heads.values());
      if (mixed.columns() != gate.columns()) {
        throw Fold.contradiction(gate, "%d columns", mixed.columns());
      }
      List<Long> shape = List.of(heads.channels() + heads.values(), mixed.columns());
      return List.of(
          Gathered.of(
              names.getFirst(), shape, List.of(mixed, gate), heads.byKeyHead(), mixed.columns()));
    }

    @Override
    public List<StoredTensor> write(List<FamilyTensor> family, List<String> names, Keys keys) {
      FamilyTensor all = family.getFirst();
      Heads heads = Heads.of(keys);
      requireRows(keys.file(), all, heads.channels() + heads.values());
      List<Long> mixed = List.of(heads.channels(), all.columns());
      List<Long> gates = List.of(heads.values(), all.columns());
      return List.of(
          StoredTensor.ordered(names.getFirst(), mixed, all, RowOrder.back(heads.byKeyHead(), 0)),
          StoredTensor.ordered(names.getLast(), gates, all, RowOrder.back(heads.byKeyHead(), 1)));
    }

    @Override
    List<TensorInfo> read(TensorInfo stored, String name, Heads heads) {
      throw new IllegalStateException("of two tensors");
    }

    @Override
    StoredTensor write(FamilyTensor one, String name, Heads heads, String file) {
      throw new IllegalStateException("two tensors");
    }
  };

  @Override
  public List<TensorInfo> read(List<TensorInfo> stored, List<String> names, Keys keys) {
    return read(stored.getFirst(), names.getFirst(), Heads.of(keys));
  }

  abstract List<TensorInfo> read(TensorInfo stored, String name, Heads heads);

  @Override
  public List<StoredTensor> write(List<FamilyTensor> family, List<String> names, Keys keys) {
    return List.of(write(family.getFirst(), names.getFirst(), Heads.of(keys), keys.file()));
  }

  abstract StoredTensor write(FamilyTensor one, String name, Heads heads, String file);

  private static void requireRows(String file, FamilyTensor one, long rows) {
    if (one.shape().size() < 2 || one.rows() != rows) {
      throw Fold.misshapen(file, one, rows + " rows");
    }
  }

  private static void requireNumbers(String file, FamilyTensor one, Heads heads) {
    if (one.shape().size() != 1 || one.elements() != heads.valueHeads()) {
      throw Fold.misshapen(file, one, "[%d]".formatted(heads.valueHeads()));
    }
  }

  private static void requireRows(TensorInfo stored, long rows) {
    if (stored.shape().size() != 2 || stored.shape().getFirst() != rows || rows == 0) {
      throw Fold.contradiction(stored, "%d rows", rows);
    }
  }

  private static TensorInfo numbers(TensorInfo stored, String name, Heads heads) {
    if (stored.shape().size() != 1 || stored.elements() != heads.valueHeads()) {
      throw Fold.contradiction(stored, "[%d]", heads.valueHeads());
    }
    List<Section> order = List.of(heads.ofValues(0, 1));
    return Gathered.of(name, stored.shape(), List.of(stored), order, 1);
  }

  /**
   * The heads of a delta-net by its keys.
   *
   * @param valueHeads a multiple of keyHeads
   */
  record Heads(int keyHeads, int valueHeads, int keySize, int valueSize) {
    /** More than any model has. */
    private static final int MOST_HEADS = 65_536;

    static Heads of(Keys keys) {
      int values = keys.positive("ssm.time_step_rank");
      int ofKeys = keys.positive("ssm.group_count");
      int inner = keys.positive("ssm.inner_size");
      if (values % ofKeys != 0 || inner % values != 0 || values > MOST_HEADS) {
        throw BadInputException.broken(
            "%s: a delta-net has %d heads of keys, %d of values and %d elements of values by its"
                + " keys, expected each a multiple of the one before, and at most %d heads",
            keys.file(), ofKeys, values, inner, MOST_HEADS);
      }
      return new Heads(ofKeys, values, keys.positive("ssm.state_size"), inner / values);
    }

    int share() {
      return valueHeads / keyHeads;
    }

    long values() {
      return (long) valueHeads * valueSize;
    }

    long channels() {
      return 2L * keyHeads * keySize + values();
    }

    /** Heads of values from a unit on, each of so many units. */
    Section ofValues(long first, long size) {
      List<Run> runs = new ArrayList<>();
      for (int share = 0; share < share(); share++) {
        runs.add(new Run(0, first + share * keyHeads * size, size, size));
      }
      return new Section(keyHeads, runs);
    }

    List<Section> mixed() {
      long before = 2L * keyHeads * keySize;
      Section asItIs = new Section(1, List.of(new Run(0, 0, before, before)));
      return List.of(asItIs, ofValues(before, valueSize));
    }

    /** Columns of all heads of values in each of so many rows, a unit for each head. */
    List<Section> columns(long rows) {
      List<Run> runs = new ArrayList<>();
      for (int key = 0; key < keyHeads; key++) {
        for (int share = 0; share < share(); share++) {
          runs.add(new Run(0, (long) share * keyHeads + key, 1, valueHeads));
        }
      }
      return List.of(new Section(rows, runs));
    }

    /** Rows of all heads of keys in the family: those of the first tensor, and of the gates. */
    List<Section> byKeyHead() {
      long all = (long) keySize * keyHeads;
      long wide = (long) share() * valueSize;
      List<Run> runs =
          List.of(
              new Run(0, 0, keySize, keySize),
              new Run(0, all, keySize, keySize),
              new Run(0, 2 * all, wide, wide),
              new Run(1, 0, wide, wide));
      return List.of(new Section(keyHeads, runs));
    }
  }
}
