package io.tritmill.jobs.data;

import io.tritmill.jobs.failure.BadInputException;
import io.tritmill.jobs.tokenizer.TokenIds;
import io.tritmill.jobs.tokenizer.Tokenizer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.PriorityQueue;
import java.util.function.Supplier;

/**
 * Draws calibration sequences from data sets, the same number from each.
 *
 * <p>Documents are drawn without replacement by a hash of the seed and their number, so that one
 * pass over the data and memory for what is drawn are enough. A sequence is BOS and the beginning
 * of a document; where that is shorter, BOS and the next document follow it, unless there is room
 * for BOS alone. When no document is left, the next stretches of those that are longer are taken,
 * so that one long text gives many sequences.
 */
public final class CalibrationReader {
  /** Characters that are kept for each token that is wanted: few texts have so long tokens. */
  private static final int CHARACTERS_PER_TOKEN = 16;

  /** Characters that a token counts for where a data set holds tokens. */
  private static final int TYPICAL_CHARACTERS = 4;

  private final int vocabulary;
  private final int bos;
  private final int length;
  private final long seed;

  /**
   * A reader for one model.
   *
   * @param vocabulary number of token ids that the model knows
   * @param bosToken id that begins a sequence; -1 for none
   * @param sequenceLength tokens of a sequence, BOS among them, at least 2
   * @param seed of the draw
   */
  public CalibrationReader(int vocabulary, int bosToken, int sequenceLength, long seed) {
    this.vocabulary = vocabulary;
    this.bos = bosToken;
    this.length = sequenceLength;
    this.seed = seed;
  }

  /**
   * Draws sequences.
   *
   * @param fitted sequences to fit on, at least 1
   * @param heldOut sequences to hold out
   * @param tokenizer opens the model's tokenizer; asked only if data hold texts, and closed here
   * @throws BadInputException if a data set is broken, or holds not even one sequence
   */
  public CalibrationSet read(
      List<Documents> data, int fitted, int heldOut, Supplier<Tokenizer> tokenizer) {
    List<String> remarks = new ArrayList<>();
    List<List<int[]>> drawn = new ArrayList<>();
    int wanted = fitted + heldOut;
    try (LazyTokenizer lazy = new LazyTokenizer(tokenizer)) {
      for (int d = 0; d < data.size(); d++) {
        int share = (wanted + d) / data.size(); // shares differ by one and add up
        drawn.add(draw(data.get(d), d, share, lazy, remarks));
      }
    }
    List<int[]> mixed = interleave(drawn);
    // The last of the interleaved draw: as mixed as the others. Of too few, an eighth.
    int held = mixed.size() < wanted ? Math.min(heldOut, mixed.size() / 8) : heldOut;
    return new CalibrationSet(
        mixed.subList(0, mixed.size() - held),
        mixed.subList(mixed.size() - held, mixed.size()),
        remarks);
  }

  private static List<int[]> interleave(List<List<int[]>> drawn) {
    List<int[]> mixed = new ArrayList<>();
    int longest = drawn.stream().mapToInt(List::size).max().orElse(0);
    for (int i = 0; i < longest; i++) {
      for (List<int[]> one : drawn) {
        if (i < one.size()) {
          mixed.add(one.get(i));
        }
      }
    }
    return mixed;
  }

  private record Drawn(long priority, int number, Document document, long size) {}

  private List<int[]> draw(
      Documents data, int index, int wanted, LazyTokenizer tokenizer, List<String> remarks) {
    int characters = SettledTokens.characters((long) wanted * length + 1);
    Optional<List<int[]>> read = documents(data, index, wanted, tokenizer, characters);
    while (read.isEmpty()) {
      characters = SettledTokens.more(characters);
      read = documents(data, index, wanted, tokenizer, characters);
    }
    remarks.addAll(data.remarks());
    List<int[]> documents = read.get();
    List<int[]> sequences = pack(documents, wanted);
    if (sequences.isEmpty()) {
      throw BadInputException.broken(
          "%s: does not hold one calibration sequence of %d tokens; give more text or a lower"
              + " sequence_length",
          data.path(), length);
    }
    if (sequences.size() < wanted) {
      remarks.add(
          "%s: holds %d calibration sequences of %d tokens, fewer than the %d wanted"
              .formatted(data.path(), sequences.size(), length, wanted));
    }
    return sequences;
  }

  /** Token ids of what is drawn, or empty if so much of a text is not enough to tell. */
  private Optional<List<int[]>> documents(
      Documents data, int index, int wanted, LazyTokenizer tokenizer, int characters) {
    // No document gives more than its beginning, one stretch to each sequence.
    long most = (long) wanted * length + 1;
    List<int[]> documents = new ArrayList<>();
    for (Drawn drawn :
        lowest(data, index, (long) wanted * length * CHARACTERS_PER_TOKEN, characters)) {
      String place = "%s: document %d (counted from 0)".formatted(data.path(), drawn.number());
      Optional<int[]> ids =
          switch (drawn.document()) {
            case Document.Text text -> SettledTokens.first(tokenizer.get(), text, most);
            case Document.Tokens tokens -> Optional.of(tokens.ids());
          };
      if (ids.isEmpty()) {
        return Optional.empty();
      }
      documents.add(withoutBos(TokenIds.require(ids.get(), vocabulary, place)));
    }
    return Optional.of(documents);
  }

  /** The documents of lowest priority that together have about so many characters, in order. */
  private List<Drawn> lowest(Documents data, int index, long characters, int ofText) {
    Comparator<Drawn> order =
        Comparator.comparingLong(Drawn::priority).thenComparingInt(Drawn::number);
    PriorityQueue<Drawn> kept = new PriorityQueue<>(order.reversed());
    long size = 0;
    // A text that comes cut is still counted as enough.
    int cut = Math.clamp(characters, ofText, Integer.MAX_VALUE);
    try (DocumentReader reader = data.read(cut)) {
      int number = 0;
      for (Optional<Document> next = reader.next(); next.isPresent(); next = reader.next()) {
        Drawn drawn = drawn(next.get(), number, index);
        number++;
        kept.add(drawn);
        size += drawn.size();
        while (size - kept.element().size() >= characters) {
          size -= kept.remove().size();
        }
      }
    }
    return kept.stream().sorted(order).toList();
  }

  private Drawn drawn(Document document, int number, int index) {
    long size =
        switch (document) {
          case Document.Text text -> text.text().length();
          case Document.Tokens tokens -> (long) tokens.ids().length * TYPICAL_CHARACTERS;
        };
    return new Drawn(mix(mix(seed + index) + number), number, document, size);
  }

  /** The output function of SplitMix64. */
  private static long mix(long z) {
    z += 0x9e3779b97f4a7c15L;
    z = (z ^ z >>> 30) * 0xbf58476d1ce4e5b9L;
    z = (z ^ z >>> 27) * 0x94d049bb133111ebL;
    return z ^ z >>> 31;
  }

  private int[] withoutBos(int[] ids) {
    return ids.length > 0 && ids[0] == bos ? Arrays.copyOfRange(ids, 1, ids.length) : ids;
  }

  /** Cuts and joins documents, first stretches before second ones, to sequences of full length. */
  private List<int[]> pack(List<int[]> documents, int wanted) {
    List<int[]> sequences = new ArrayList<>();
    int[] sequence = new int[length];
    int filled = 0;
    int step = bos < 0 ? length : length - 1;
    boolean left = true;
    for (int from = 0; left && sequences.size() < wanted; from += step) {
      left = false;
      for (int[] document : documents) {
        if (from >= document.length || sequences.size() == wanted) {
          continue;
        }
        left = true;
        int begin = bos < 0 ? 0 : 1;
        if (begin == 1) {
          sequence[filled] = bos;
        }
        int taken = Math.min(Math.min(step, document.length - from), length - filled - begin);
        System.arraycopy(document, from, sequence, filled + begin, taken);
        filled += begin + taken;
        // What has room for BOS alone is full: BOS would predict nothing.
        if (filled >= length - begin) {
          sequences.add(Arrays.copyOf(sequence, filled));
          filled = 0;
        }
      }
    }
    return sequences;
  }

  /** A tokenizer that is opened when a text is met first. */
  private static final class LazyTokenizer implements AutoCloseable {
    private final Supplier<Tokenizer> supplier;
    private Tokenizer tokenizer;

    LazyTokenizer(Supplier<Tokenizer> supplier) {
      this.supplier = supplier;
    }

    Tokenizer get() {
      if (tokenizer == null) {
        tokenizer = supplier.get();
      }
      return tokenizer;
    }

    @Override
    public void close() {
      if (tokenizer != null) {
        tokenizer.close();
      }
    }
  }
}
