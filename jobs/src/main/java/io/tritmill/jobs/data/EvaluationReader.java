package io.tritmill.jobs.data;

import io.tritmill.jobs.failure.BadInputException;
import io.tritmill.jobs.tokenizer.TokenIds;
import io.tritmill.jobs.tokenizer.Tokenizer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/** Cuts the documents of a data set as a {@link Sequencing} says. */
final class EvaluationReader implements AutoCloseable {
  private static final String BLANK_LINE = "\n\n";

  /** What one string may hold: the native library takes about a hundred bytes for each token. */
  private static final int TEXT_LIMIT = 32 << 20;

  private final Documents data;
  private final Supplier<Tokenizer> supplier;
  private final Sequencing sequencing;
  private final int[] bos;
  private Tokenizer tokenizer;

  EvaluationReader(Documents data, Supplier<Tokenizer> supplier, Sequencing sequencing) {
    this.data = data;
    this.supplier = supplier;
    this.sequencing = sequencing;
    this.bos = sequencing.bosToken() < 0 ? new int[0] : new int[] {sequencing.bosToken()};
  }

  /** A sequence for each document. */
  EvaluationSet documents() {
    int characters = SettledTokens.characters(sequencing.sequenceLength());
    Optional<EvaluationSet> set = documents(characters);
    while (set.isEmpty()) {
      characters = SettledTokens.more(characters);
      set = documents(characters);
    }
    return set.get();
  }

  /** A sequence for each document, or empty if so much of one is not enough to tell. */
  private Optional<EvaluationSet> documents(int characters) {
    List<int[]> sequences = new ArrayList<>();
    int count = 0;
    try (DocumentReader reader = data.read(characters)) {
      Optional<Document> next = reader.next();
      while (next.isPresent()) {
        Optional<int[]> first = tokens(next.get(), count);
        if (first.isEmpty()) {
          return Optional.empty();
        }
        int[] tokens = begin(first.get(), next.get());
        if (tokens.length > 1) {
          sequences.add(
              Arrays.copyOf(tokens, Math.min(tokens.length, sequencing.sequenceLength())));
        }
        count++;
        next = count < sequencing.limit() ? reader.next() : Optional.empty();
      }
    }
    requireDocuments(count);
    if (sequences.isEmpty()) {
      throw BadInputException.broken(
          "%s: none of its %d documents has a token to predict", data.path(), count);
    }
    return Optional.of(
        new EvaluationSet(
            sequences,
            Protocol.DOCUMENTS,
            sequencing.sequenceLength(),
            count,
            count - (long) sequences.size(),
            data.fingerprint()));
  }

  /** Windows over all documents. */
  EvaluationSet windows() {
    try (DocumentReader reader = data.read(TEXT_LIMIT + 1)) {
      Optional<Document> first = reader.next();
      requireDocuments(first.isPresent() ? 1 : 0);
      return switch (first.get()) {
        case Document.Text text -> textWindows(text, reader);
        case Document.Tokens tokens -> tokenWindows(tokens, reader);
      };
    }
  }

  private EvaluationSet textWindows(Document.Text first, DocumentReader reader) {
    StringBuilder joined = new StringBuilder(first.text());
    int count = 1;
    long nextAttempt = SettledTokens.characters(wanted());
    while (true) {
      while (joined.length() >= nextAttempt) {
        int tried = (int) Math.min(joined.length(), 2 * nextAttempt);
        Optional<int[]> tokens =
            SettledTokens.ofBeginning(tokenizer(), joined.substring(0, tried), wanted());
        if (tokens.isPresent()) {
          return cut(concatenated(bos, require(tokens.get())), count);
        }
        nextAttempt = 2L * tried;
      }
      if (joined.length() > TEXT_LIMIT) {
        throw BadInputException.usage(
            "%s: has more than %d characters, which are tokenized as one string; set a lower limit"
                + " of windows",
            data.path(), TEXT_LIMIT);
      }
      Optional<Document> next = reader.next();
      if (next.isEmpty()) {
        return cut(concatenated(bos, require(tokenizer().encode(joined.toString()))), count);
      }
      joined.append(BLANK_LINE).append(((Document.Text) next.get()).text());
      count++;
    }
  }

  private EvaluationSet tokenWindows(Document.Tokens first, DocumentReader reader) {
    int[] all = begin(tokens(first, 0).orElseThrow(), first);
    int length = all.length;
    int count = 1;
    while (length < wanted()) {
      Optional<Document> next = reader.next();
      if (next.isEmpty()) {
        break;
      }
      int[] tokens = tokens(next.get(), count).orElseThrow();
      if (tokens.length > Integer.MAX_VALUE / 2 - length) {
        throw BadInputException.usage(
            "%s: has more tokens than fit into memory; set a lower limit of windows", data.path());
      }
      if (length + tokens.length > all.length) {
        all = Arrays.copyOf(all, Math.max(2 * all.length, length + tokens.length));
      }
      System.arraycopy(tokens, 0, all, length, tokens.length);
      length += tokens.length;
      count++;
    }
    return cut(Arrays.copyOf(all, length), count);
  }

  /** Tokens that the wanted windows have. */
  private long wanted() {
    return (long) sequencing.limit() * sequencing.sequenceLength();
  }

  private EvaluationSet cut(int[] tokens, int documents) {
    int size = sequencing.sequenceLength();
    int windows = Math.min(tokens.length / size, sequencing.limit());
    if (windows == 0) {
      throw BadInputException.broken(
          "%s: has %d tokens in all, fewer than a window of %d; set a lower sequence length",
          data.path(), tokens.length, size);
    }
    List<int[]> sequences = new ArrayList<>(windows);
    for (int window = 0; window < windows; window++) {
      sequences.add(Arrays.copyOfRange(tokens, window * size, (window + 1) * size));
    }
    return new EvaluationSet(sequences, Protocol.WINDOWS, size, documents, 0, data.fingerprint());
  }

  /** The tokens of a document that a sequence can hold, or empty if a cut one does not tell. */
  private Optional<int[]> tokens(Document document, int number) {
    String place = "%s: document %d (counted from 0)".formatted(data.path(), number);
    return switch (document) {
      case Document.Text text ->
          SettledTokens.first(tokenizer(), text, sequencing.sequenceLength())
              .map(ids -> TokenIds.require(ids, sequencing.vocabulary(), place));
      case Document.Tokens tokens ->
          Optional.of(TokenIds.require(tokens.ids(), sequencing.vocabulary(), place));
    };
  }

  private int[] require(int[] tokens) {
    return TokenIds.require(tokens, sequencing.vocabulary(), data.path().toString());
  }

  /** Puts BOS in front, but not of ids that begin with it. */
  private int[] begin(int[] tokens, Document document) {
    boolean begun =
        document instanceof Document.Tokens
            && tokens.length > 0
            && tokens[0] == sequencing.bosToken();
    return begun ? tokens : concatenated(bos, tokens);
  }

  private static int[] concatenated(int[] first, int[] second) {
    int[] both = Arrays.copyOf(first, first.length + second.length);
    System.arraycopy(second, 0, both, first.length, second.length);
    return both;
  }

  private void requireDocuments(int count) {
    if (count == 0) {
      throw BadInputException.broken("%s: the data set is empty, expected documents", data.path());
    }
  }

  private Tokenizer tokenizer() {
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
