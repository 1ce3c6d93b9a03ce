package io.tritmill.jobs.gguf.architecture;

import io.tritmill.jobs.failure.BadInputException;
import io.tritmill.jobs.failure.Printable;
import io.tritmill.jobs.gguf.FamilyTensor;
import io.tritmill.jobs.gguf.RowOrder;
import io.tritmill.jobs.gguf.StoredTensor;
import io.tritmill.jobs.gguf.StoredTensor.Rows;
import io.tritmill.jobs.tensor.Change;
import io.tritmill.jobs.tensor.Dress;
import io.tritmill.jobs.tensor.Gathered.Run;
import io.tritmill.jobs.tensor.Gathered.Section;
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
        Fold.Joined,
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

  /**
   * The way back: what ggml's tensors are made of.
   *
   * @param family the family's, in the order of the rule; of experts those of each
   * @param names of ggml's
   * @throws BadInputException if the family's are no such tensors
   */
  List<StoredTensor> write(List<FamilyTensor> family, List<String> names, Keys keys);

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

  /** What is said where a tensor of the family is another than its kind and the keys ask for. */
  static BadInputException misshapen(String file, FamilyTensor tensor, String expected) {
    return BadInputException.broken(
        "%s: tensor %s has shape %s, expected %s; do config.json and the tensors belong together?",
        file, Printable.of(tensor.name()), tensor.shape(), expected);
  }

  /** The same tensor. */
  record AsIs() implements Fold {
    @Override
    public List<TensorInfo> read(List<TensorInfo> stored, List<String> names, Keys keys) {
      TensorInfo one = stored.getFirst();
      return List.of(named(one, names.getFirst(), one.shape(), Dress.plain()));
    }

    @Override
    public List<StoredTensor> write(List<FamilyTensor> family, List<String> names, Keys keys) {
      FamilyTensor one = family.getFirst();
      return List.of(StoredTensor.of(names.getFirst(), one.shape(), Rows.of(one.name())));
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

    @Override
    public List<StoredTensor> write(List<FamilyTensor> family, List<String> names, Keys keys) {
      FamilyTensor one = family.getFirst();
      int heads = ofKeys ? keys.keyValueHeads() : keys.heads();
      long rows = one.shape().isEmpty() ? 0 : one.shape().getFirst();
      if (rows == 0 || rows % (2L * heads) != 0) {
        throw misshapen(keys.file(), one, heads + " heads of an even number of rows each");
      }
      RowOrder order = RowOrder.back(halves(heads, rows / heads / 2), 0);
      return List.of(StoredTensor.ordered(names.getFirst(), one.shape(), one, order));
    }

    /** As the family has them: of each head the rows at even places, then those at odd ones. */
    private static List<Section> halves(int heads, long pairs) {
      List<Section> sections = new ArrayList<>();
      for (long half = 0; half < 2L * heads; half++) {
        long first = half / 2 * 2 * pairs + half % 2;
        sections.add(new Section(pairs, List.of(new Run(0, first, 1, 2))));
      }
      return sections;
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

    @Override
    public List<StoredTensor> write(List<FamilyTensor> family, List<String> names, Keys keys) {
      FamilyTensor one = family.getFirst();
      StoredTensor.Values back = StoredTensor.Values.of(one.name(), change::stored);
      return List.of(StoredTensor.of(names.getFirst(), one.shape(), back));
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

    @Override
    public List<StoredTensor> write(List<FamilyTensor> family, List<String> names, Keys keys) {
      FamilyTensor one = family.getFirst();
      List<Long> shape = withoutOneInside(keys.file(), one);
      return List.of(StoredTensor.of(names.getFirst(), shape, Rows.of(one.name())));
    }

    static List<Long> withoutOneInside(String file, FamilyTensor one) {
      if (one.shape().size() != 3 || one.shape().get(1) != 1) {
        throw misshapen(file, one, "three dimensions, the second of them 1");
      }
      return List.of(one.shape().getFirst(), one.shape().getLast());
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

    /** ggml takes a dimension of one before all others for none. */
    @Override
    public List<StoredTensor> write(List<FamilyTensor> family, List<String> names, Keys keys) {
      return new AsIs().write(family, names, keys);
    }
  }

  /**
   * Queries, keys and values lie below each other in one tensor, where the family has three.
   *
   * @param paired whether rows that are turned together are neighbours
   * @param gated whether there are as many rows again for a gate of each query
   */
  record Joined(boolean paired, boolean gated) implements Fold {
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

    @Override
    public List<StoredTensor> write(List<FamilyTensor> family, List<String> names, Keys keys) {
      throw new IllegalStateException("three are written");
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

    @Override
    public List<StoredTensor> write(List<FamilyTensor> family, List<String> names, Keys keys) {
      FamilyTensor both = family.getFirst();
      int heads = keys.heads();
      int turned = RopeKeys.turned(keys);
      int ofKey = keys.positive("attention.key_length_mla") - turned;
      int ofValue = keys.positive("attention.value_length_mla");
      long rows = (long) heads * (ofKey + ofValue);
      if (both.shape().size() != 2 || both.rows() != rows) {
        throw misshapen(keys.file(), both, rows + " rows");
      }
      int latent = Math.toIntExact(both.columns());
      Run values = new Run(0, 0, ofValue, ofValue);
      Run keysBefore = new Run(1, 0, ofKey, ofKey);
      RowOrder order = RowOrder.back(List.of(new Section(heads, List.of(keysBefore, values))), 0);
      return List.of(
          StoredTensor.of(
              names.getFirst(),
              List.of((long) heads, (long) latent, (long) ofKey),
              StoredTensor.Values.of(
                  both.name(), all -> turnedKeys(all, heads, latent, ofKey, ofKey + ofValue))),
          StoredTensor.of(
              names.getLast(),
              List.of((long) heads, (long) ofValue, (long) latent),
              new StoredTensor.Rows(List.of(both.name()), order)));
    }

    /** Of each head the rows of keys, their columns as rows. */
    private static float[] turnedKeys(float[] all, int heads, int latent, int ofKey, int step) {
      float[] turned = new float[Math.multiplyExact(heads, Math.multiplyExact(latent, ofKey))];
      int at = 0;
      for (int head = 0; head < heads; head++) {
        for (int column = 0; column < latent; column++) {
          for (int row = 0; row < ofKey; row++) {
            turned[at++] = all[(head * step + row) * latent + column];
          }
        }
      }
      return turned;
    }
  }
}
