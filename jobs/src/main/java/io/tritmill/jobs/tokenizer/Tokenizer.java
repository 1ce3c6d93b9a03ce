package io.tritmill.jobs.tokenizer;

import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import ai.djl.huggingface.tokenizers.jni.LibUtils;
import ai.djl.huggingface.tokenizers.jni.TokenizersLibrary;
import io.tritmill.jobs.failure.BadInputException;
import io.tritmill.jobs.gguf.GgufFiles;
import io.tritmill.jobs.gguf.tokenizer.GgufTokenizer;
import io.tritmill.jobs.storage.Storage;
import java.io.ByteArrayInputStream;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.apache.hadoop.fs.Path;

/**
 * Text to token ids, by the tokenizer.json of a checkpoint, or that which a GGUF file stands for.
 *
 * <p>Every text of a data set is plain: strings that spell a special token are not that token; what
 * a person writes for a model may have them. No token is put in front or behind. Works without a
 * network. Safe for use by several threads.
 *
 * <pre>{@code
 * try (Tokenizer tokenizer = Tokenizer.open(storage, checkpoint)) {
 *   int[] ids = tokenizer.encode("Once upon a time");
 * }
 * }</pre>
 */
public final class Tokenizer implements AutoCloseable {
  private static final String FILE = "tokenizer.json";
  private static final int SIZE_LIMIT = 64 << 20;
  private static final Map<String, String> OPTIONS =
      Map.of("addSpecialTokens", "false", "truncation", "false", "padding", "false");
  private static final List<String> LIBRARY_PLACES =
      List.of("DJL_CACHE_DIR", "ENGINE_CACHE_DIR", "RUST_LIBRARY_PATH");

  private final Path file;
  private final HuggingFaceTokenizer library;
  private final TokenizerJson json;

  private Tokenizer(Path file, HuggingFaceTokenizer library, TokenizerJson json) {
    this.file = file;
    this.library = library;
    this.json = json;
  }

  /**
   * Opens the tokenizer of a checkpoint directory, or of a GGUF file.
   *
   * @throws BadInputException if it has none, a broken one, or one of an unknown kind
   */
  public static Tokenizer open(Storage storage, Path checkpoint) {
    Content content = content(storage, checkpoint);
    return of(content.file(), content.json());
  }

  /**
   * A tokenizer.json.
   *
   * @param file what it was read from, or made of
   * @param json its bytes
   */
  public record Content(Path file, byte[] json) {}

  /**
   * Reads the tokenizer.json of a checkpoint directory, or that which a GGUF file stands for.
   *
   * @throws BadInputException if there is none
   */
  public static Content content(Storage storage, Path checkpoint) {
    Path file = new Path(checkpoint, FILE);
    boolean gguf = GgufFiles.named(checkpoint.getName());
    if (gguf || !storage.exists(file)) {
      Optional<List<Path>> model = GgufFiles.at(storage, checkpoint);
      if (model.isPresent()) {
        Path first = model.get().getFirst();
        return new Content(first, GgufTokenizer.read(storage, first).json());
      }
      throw BadInputException.broken(
          "%s: has no %s; save the tokenizer there with save_pretrained of a fast tokenizer",
          checkpoint, FILE);
    }
    return new Content(file, storage.read(file, SIZE_LIMIT));
  }

  /**
   * Opens a content for texts in which strings that spell a special token are that token.
   *
   * @throws BadInputException as {@link #open}
   */
  public static Tokenizer ofMarked(Content content) {
    return of(content.file(), content.json(), true);
  }

  /** Opens the content of a tokenizer.json. */
  static Tokenizer of(Path file, byte[] content) {
    return of(file, content, false);
  }

  private static Tokenizer of(Path file, byte[] content, boolean marked) {
    try {
      TokenizerJson json = TokenizerJson.parse(file.toString(), content, marked);
      Library.load();
      HuggingFaceTokenizer library =
          HuggingFaceTokenizer.newInstance(new ByteArrayInputStream(json.json()), OPTIONS);
      return new Tokenizer(file, library, json);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (BadInputException e) {
      throw e;
    } catch (RuntimeException e) {
      throw broken(file, e);
    }
  }

  /**
   * Token ids of a text, without any special token; empty for an empty text.
   *
   * <p>A text of many megabytes is fine: the native library is asked for the ids alone, where an
   * encoding of the library's own would hold a string and six numbers for each token.
   */
  public int[] encode(String text) {
    requireShortRuns(text);
    try {
      long encoding = TokenizersLibrary.LIB.encode(library.getHandle(), text, false);
      try {
        return Arrays.stream(TokenizersLibrary.LIB.getTokenIds(encoding))
            .mapToInt(TokenIds::exact)
            .toArray();
      } finally {
        TokenizersLibrary.LIB.deleteEncoding(encoding);
      }
    } catch (RuntimeException e) {
      throw broken(file, e);
    }
  }

  /** A pattern goes back over a run once; the library's engine ends the process if that is long. */
  private void requireShortRuns(String text) {
    if (text.length() <= json.longestText()) {
      return;
    }
    int run = 0;
    int last = -1;
    for (int i = 0; i < text.length() && run <= json.longestText(); i++) {
      int kind = json.ofRuns() ? kind(text.charAt(i)) : 0;
      run = kind == last ? run + 1 : 1;
      last = kind;
    }
    if (run > json.longestText()) {
      throw BadInputException.broken(
          "%s: cannot split a text with %s of more than %d characters; break the text up",
          file, json.ofRuns() ? "a run of spaces or of letters" : "a line", json.longestText());
    }
  }

  private static int kind(char unit) {
    if (Character.isWhitespace(unit) || Character.isSpaceChar(unit) || unit == '\u0085') {
      return 1;
    }
    boolean joins =
        switch (Character.getType(unit)) {
          case Character.SURROGATE,
              Character.NON_SPACING_MARK,
              Character.COMBINING_SPACING_MARK,
              Character.ENCLOSING_MARK ->
              true;
          default -> Character.isLetter(unit);
        };
    return joins ? 2 : 3;
  }

  private static BadInputException broken(Path file, RuntimeException e) {
    return BadInputException.broken(
        "%s: is no usable tokenizer: %s; save it again with a current version of tokenizers",
        file, String.valueOf(e.getMessage()).lines().findFirst().orElse("no reason given"));
  }

  @Override
  public void close() {
    library.close();
  }

  /** The native library, which is unpacked from its jar before it can be loaded. */
  private static final class Library {
    private static boolean loaded;

    private Library() {}

    static synchronized void load() {
      if (loaded) {
        return;
      }
      System.setProperty("ai.djl.offline", "true");
      System.setProperty("OPT_OUT_TRACKING", "true");
      if (LIBRARY_PLACES.stream().anyMatch(Library::configured)) {
        LibUtils.checkStatus();
      } else {
        loadFromOwnDirectory();
      }
      loaded = true;
    }

    private static boolean configured(String name) {
      return System.getenv(name) != null || System.getProperty(name) != null;
    }

    /**
     * Unpacks into a fresh directory, for the home directory of an executor may not be writable and
     * a fixed one in a shared place could hold somebody else's library. Once loaded, the file is
     * not needed.
     */
    private static void loadFromOwnDirectory() {
      try {
        java.nio.file.Path directory = Files.createTempDirectory("tritmill-tokenizers");
        System.setProperty(LIBRARY_PLACES.getFirst(), directory.toString());
        try {
          LibUtils.checkStatus();
        } finally {
          System.clearProperty(LIBRARY_PLACES.getFirst());
          try (Stream<java.nio.file.Path> unpacked = Files.walk(directory)) {
            unpacked
                .map(java.nio.file.Path::toFile)
                .sorted((a, b) -> b.compareTo(a))
                .forEach(File::delete);
          }
        }
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }
}
