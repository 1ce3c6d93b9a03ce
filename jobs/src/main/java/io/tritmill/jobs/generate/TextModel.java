package io.tritmill.jobs.generate;

import io.tritmill.jobs.checkpoint.Checkpoint;
import io.tritmill.jobs.failure.BadInputException;
import io.tritmill.jobs.generate.ChatTemplate.Turn;
import io.tritmill.jobs.model.ModelSource;
import io.tritmill.jobs.model.ModelSources;
import io.tritmill.jobs.storage.Storage;
import io.tritmill.jobs.tokenizer.Tokenizer;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.IntStream;
import org.apache.hadoop.fs.Path;

/** A model with what makes tokens of texts, and texts of tokens; its weights are not read yet. */
public final class TextModel implements AutoCloseable {
  private final Path directory;
  private final ModelSource source;
  private final Tokenizer tokenizer;
  private final TokenBytes tokens;
  private final SpecialTokens special;
  private final Optional<ChatTemplate> template;

  private TextModel(Storage storage, Path directory, boolean chat) {
    this.directory = directory;
    Checkpoint checkpoint = Checkpoint.open(storage, directory);
    source = ModelSources.of(storage, checkpoint);
    Tokenizer.Content content = Tokenizer.content(storage, directory);
    tokens = TokenBytes.of(content);
    special = SpecialTokens.read(storage, checkpoint, content, tokens);
    template = chat ? Optional.of(ChatTemplate.read(storage, checkpoint)) : Optional.empty();
    tokenizer = Tokenizer.ofMarked(content);
  }

  /**
   * Opens a model.
   *
   * @param directory of a checkpoint or a packed model, or a GGUF file
   * @param chat whether turns of a chat will be asked for
   * @throws BadInputException if the model cannot be run, has no tokenizer that is known, or no
   *     template for a chat
   */
  public static TextModel open(Storage storage, Path directory, boolean chat) {
    return new TextModel(storage, directory, chat);
  }

  /** Where its weights lie. */
  public ModelSource source() {
    return source;
  }

  /** What its tokens stand for. */
  public TokenBytes tokens() {
    return tokens;
  }

  /** Positions that the model was made for. */
  public int positions() {
    return source.architecture().maxPositions();
  }

  /** Tokens that end a text; in a chat also those that end a turn. */
  public Set<Integer> ends() {
    Set<Integer> ends = new TreeSet<>(special.ends());
    if (template.isPresent()) {
      ends.addAll(special.turnEnds());
    }
    return ends;
  }

  /**
   * The tokens of a prompt, with what the tokenizer puts in front.
   *
   * @throws BadInputException if the model cannot go on with it
   */
  public int[] prompt(String text) {
    return required(IntStream.concat(before(), IntStream.of(tokenizer.encode(text))).toArray());
  }

  private IntStream before() {
    return special.before().stream().mapToInt(Integer::intValue);
  }

  /**
   * The tokens of a text of any length, with what the tokenizer puts in front unless the text is
   * begun by it.
   */
  public int[] begun(String text) {
    int[] ids = alone(text);
    boolean begun = special.start().map(start -> text.startsWith(start.text())).orElse(false);
    return begun ? ids : IntStream.concat(before(), IntStream.of(ids)).toArray();
  }

  /** The tokens of a text of any length, and nothing in front. */
  public int[] alone(String text) {
    int[] ids = tokenizer.encode(text);
    requireKnown(ids);
    return ids;
  }

  /** The token that stands for a beginning where a text has none. */
  public Optional<Integer> start() {
    return special.start().map(SpecialTokens.Start::id);
  }

  /**
   * The tokens of a chat, up to where the assistant goes on.
   *
   * @throws BadInputException if the template does not take the turns, or the model the tokens
   */
  public int[] chat(List<Turn> turns) {
    return required(tokenizer.encode(template.orElseThrow().render(turns)));
  }

  private int[] required(int[] ids) {
    if (ids.length == 0) {
      throw BadInputException.usage("the prompt has no token, expected a text to go on with");
    }
    if (ids.length >= positions()) {
      throw BadInputException.usage(
          "the prompt has %d tokens, but the model was made for %d positions, which what follows"
              + " needs too; give less",
          ids.length, positions());
    }
    requireKnown(ids);
    return ids;
  }

  private void requireKnown(int[] ids) {
    int vocabulary = source.architecture().vocabulary();
    int largest = IntStream.of(ids).max().orElse(0);
    if (largest >= vocabulary) {
      throw BadInputException.broken(
          "%s: its tokenizer makes token %d, but the model has %d; do they belong together?",
          directory, largest, vocabulary);
    }
  }

  @Override
  public void close() {
    tokenizer.close();
  }
}
