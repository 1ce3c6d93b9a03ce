package io.tritmill.jobs.gguf.architecture;

import io.tritmill.jobs.failure.BadInputException;
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
  },
  /** A convolution of those rows. */
  CONVOLUTION {
    @Override
    List<TensorInfo> read(TensorInfo stored, String name, Heads heads) {
      requireRows(stored, heads.channels());
      List<Long> shape = Fold.OneInside.oneInside(stored);
      return List.of(Gathered.of(name, shape, List.of(stored), heads.mixed(), stored.columns()));
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
  },
  /** A row for each head of values. */
  CONTROLS {
    @Override
    List<TensorInfo> read(TensorInfo stored, String name, Heads heads) {
      requireRows(stored, heads.valueHeads());
      List<Section> order = List.of(heads.ofValues(0, 1));
      return List.of(Gathered.of(name, stored.shape(), List.of(stored), order, stored.columns()));
    }
  },
  /** A number for each head of values. */
  SHIFTS {
    @Override
    List<TensorInfo> read(TensorInfo stored, String name, Heads heads) {
      return List.of(numbers(stored, name, heads));
    }
  },
  /** A number for each head of values, of which the family has another. */
  RATES {
    @Override
    List<TensorInfo> read(TensorInfo stored, String name, Heads heads) {
      TensorInfo ordered = numbers(stored, name, heads);
      return List.of(ordered.in(Dress.changed(ordered.dress(), Change.LOG_OF_NEGATIVE)));
    }
  },
  /** A column for each element of all heads of values. */
  OUTPUT {
    @Override
    List<TensorInfo> read(TensorInfo stored, String name, Heads heads) {
      if (stored.shape().size() != 2 || stored.columns() != heads.values()) {
        throw Fold.contradiction(stored, "%d columns", heads.values());
      }
      List<Run> runs = new ArrayList<>();
      for (int key = 0; key < heads.keyHeads(); key++) {
        for (int share = 0; share < heads.share(); share++) {
          runs.add(new Run(0, (long) share * heads.keyHeads() + key, 1, heads.valueHeads()));
        }
      }
      List<Section> order = List.of(new Section(stored.rows(), runs));
      return List.of(Gathered.of(name, stored.shape(), List.of(stored), order, heads.valueSize()));
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
      long size = heads.keySize();
      long all = size * heads.keyHeads();
      long wide = (long) heads.share() * heads.valueSize();
      List<Run> runs =
          List.of(
              new Run(0, 0, size, size),
              new Run(0, all, size, size),
              new Run(0, 2 * all, wide, wide),
              new Run(1, 0, wide, wide));
      List<Long> shape = List.of(heads.channels() + heads.values(), mixed.columns());
      List<Section> order = List.of(new Section(heads.keyHeads(), runs));
      return List.of(
          Gathered.of(names.getFirst(), shape, List.of(mixed, gate), order, mixed.columns()));
    }

    @Override
    List<TensorInfo> read(TensorInfo stored, String name, Heads heads) {
      throw new IllegalStateException("of two tensors");
    }
  };

  @Override
  public List<TensorInfo> read(List<TensorInfo> stored, List<String> names, Keys keys) {
    return read(stored.getFirst(), names.getFirst(), Heads.of(keys));
  }

  abstract List<TensorInfo> read(TensorInfo stored, String name, Heads heads);

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
  }
}
