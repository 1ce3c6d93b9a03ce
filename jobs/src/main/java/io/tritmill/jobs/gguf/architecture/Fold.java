package io.tritmill.jobs.gguf.architecture;

import io.tritmill.jobs.failure.BadInputException;
import io.tritmill.jobs.failure.Printable;
import io.tritmill.jobs.tensor.Change;
import io.tritmill.jobs.tensor.Dress;
import io.tritmill.jobs.tensor.TensorInfo;
import java.util.ArrayList;
import java.util.List;

/** How tensors of ggml hold those of a family. */
sealed interface Fold
    permits Fold.AsIs,
        Fold.Pairs,
        Fold.Values,
        Fold.OneInside,
        Fold.OneInFront,
        Fold.Rows,
        StackFold,
        DeltaFold,
        Fold.LatentKeyValues {
  /**
   * The family's tensors.
   *
   * @param stored ggml's, in the order of the rule
   * @param names of the family's
   * @throws BadInputException if the stored ones are no such tensors
   */
  List<TensorInfo> read(List<TensorInfo> stored, List<String> names, Keys keys);

  /** A tensor under another name and of another shape. */
  static TensorInfo named(TensorInfo tensor, String name, List<Long> shape, Dress dress) {
    return new TensorInfo(
        name, tensor.dtype(), shape, tensor.file(), tensor.offset(), tensor.bytes(), dress);
  }

  /** What is said where a tensor and the keys contradict each other. */
  static BadInputException contradiction(TensorInfo tensor, String expected, Object... values) {
    return BadInputException.broken(
        "%s: tensor %s has shape %s, expected %s; do the keys and the tensors belong together?",
        tensor.file(), Printable.of(tensor.name()), tensor.shape(), expected.formatted(values));
  }

  /** The same tensor. */
  record AsIs() implements Fold {
    @Override
    public List<TensorInfo> read(List<TensorInfo> stored, List<String> names, Keys keys) {
      TensorInfo one = stored.getFirst();
      return List.of(named(one, names.getFirst(), one.shape(), Dress.plain()));
    }
  }

  /**
   * Rows that the rotary embedding turns together are neighbours, where the family has the first
   * halves of all pairs of a head before the second.
   *
   * @param ofKeys whether there is a head for each head of keys, not of queries
   */
  record Pairs(boolean ofKeys) implements Fold {
    @Override
    public List<TensorInfo> read(List<TensorInfo> stored, List<String> names, Keys keys) {
      TensorInfo one = stored.getFirst();
      int heads = ofKeys ? keys.keyValueHeads() : keys.heads();
      long rows = one.shape().isEmpty() ? 0 : one.shape().getFirst();
      if (rows == 0 || rows % (2L * heads) != 0) {
        throw BadInputException.broken(
            "%s: tensor %s has %d rows, expected %d heads of an even number each; do the keys and"
                + " the tensors belong together?",
            one.file(), Printable.of(one.name()), rows, heads);
      }
      return List.of(named(one, names.getFirst(), one.shape(), Dress.interleaved(heads)));
    }
  }

  /**
   * Values are stored as a function of the family's.
   *
   * @param change what turns them back
   */
  record Values(Change change) implements Fold {
    @Override
    public List<TensorInfo> read(List<TensorInfo> stored, List<String> names, Keys keys) {
      TensorInfo one = stored.getFirst();
      Dress dress = Dress.changed(Dress.plain(), change);
      return List.of(named(one, names.getFirst(), one.shape(), dress));
    }
  }

  /** The family has a dimension of one before the last. */
  record OneInside() implements Fold {
    @Override
    public List<TensorInfo> read(List<TensorInfo> stored, List<String> names, Keys keys) {
      TensorInfo one = stored.getFirst();
      return List.of(named(one, names.getFirst(), oneInside(one), Dress.plain()));
    }

    static List<Long> oneInside(TensorInfo one) {
      if (one.shape().size() != 2) {
        throw contradiction(one, "two dimensions");
      }
      return List.of(one.shape().getFirst(), 1L, one.shape().getLast());
    }
  }

  /** The family has a dimension of one before all others. */
  record OneInFront() implements Fold {
    @Override
    public List<TensorInfo> read(List<TensorInfo> stored, List<String> names, Keys keys) {
      TensorInfo one = stored.getFirst();
      if (one.shape().size() == 2 && one.shape().getFirst() == 1) {
        return new AsIs().read(stored, names, keys);
      }
      if (one.shape().size() != 1) {
        throw contradiction(one, "one dimension");
      }
      List<Long> shape = List.of(1L, one.shape().getFirst());
      return List.of(named(one, names.getFirst(), shape, Dress.plain()));
    }
  }

  /**
   * Queries, keys and values lie below each other in one tensor, where the family has three.
   *
   * @param paired whether rows that are turned together are neighbours
   * @param gated whether there are as many rows again for a gate of each query
   */
  record Rows(boolean paired, boolean gated) implements Fold {
    @Override
    public List<TensorInfo> read(List<TensorInfo> stored, List<String> names, Keys keys) {
      TensorInfo all = stored.getFirst();
      long queries = (long) keys.heads() * keys.headSize() * (gated ? 2 : 1);
      long each = (long) keys.keyValueHeads() * keys.headSize();
      long rows = all.shape().isEmpty() ? 0 : all.shape().getFirst();
      if (rows != queries + 2 * each) {
        throw contradiction(all, "%d rows of queries and twice %d", queries, each);
      }
      long rowBytes = all.bytes() / rows;
      List<TensorInfo> parts = new ArrayList<>();
      long first = 0;
      for (int part = 0; part < 3; part++) {
        long own = part == 0 ? queries : each;
        int heads = part == 0 ? keys.heads() : keys.keyValueHeads();
        List<Long> shape = new ArrayList<>(all.shape());
        shape.set(0, own);
        parts.add(
            new TensorInfo(
                names.get(part),
                all.dtype(),
                shape,
                all.file(),
                all.offset() + first * rowBytes,
                own * rowBytes,
                paired && part < 2 ? Dress.interleaved(heads) : Dress.plain()));
        first += own;
      }
      return parts;
    }
  }

  /** What makes keys and values of a latent is stored as two tensors, that of keys turned. */
  record LatentKeyValues() implements Fold {
    @Override
    public List<TensorInfo> read(List<TensorInfo> stored, List<String> names, Keys keys) {
      TensorInfo ofKeys = stored.getFirst();
      TensorInfo ofValues = stored.getLast();
      if (ofKeys.shape().size() != 3
          || ofValues.shape().size() != 3
          || !ofKeys.shape().getFirst().equals(ofValues.shape().getFirst())
          || !ofKeys.shape().get(1).equals(ofValues.shape().get(2))) {
        throw contradiction(
            ofKeys,
            "(heads, latent, keys) beside values of (heads, values, latent), which are %s",
            ofValues.shape());
      }
      return List.of(Dress.jointKeyValues(names.getFirst(), ofKeys, ofValues));
    }
  }
}
