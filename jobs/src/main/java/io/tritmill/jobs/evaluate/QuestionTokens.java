package io.tritmill.jobs.evaluate;

import io.tritmill.jobs.data.Question;
import io.tritmill.jobs.data.Questions;
import io.tritmill.jobs.failure.BadInputException;
import io.tritmill.jobs.generate.TextModel;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Questions as sequences of tokens, cut as lm-evaluation-harness cuts them.
 *
 * <p>A choice follows its context after a space. Both are tokenized as one text; what is longer
 * than the tokens of the context alone is the continuation. Spaces at the end of a context belong
 * to the continuation. What is too long for the model loses its beginning.
 */
final class QuestionTokens {
  private static final String BETWEEN = " ";

  private final TextModel model;
  private final List<Scoring> scorings = new ArrayList<>();
  private final List<Place> places = new ArrayList<>();
  private int shortened;

  /** Where the score of a choice will be: choice by choice, question by question. */
  record Place(int scoring, int continuation) {}

  private record Pair(int[] context, int[] continuation) {}

  private QuestionTokens(TextModel model) {
    this.model = model;
  }

  /**
   * Makes tokens of all questions.
   *
   * @throws BadInputException if a choice does not fit the model, or its tokenizer
   */
  static QuestionTokens of(TextModel model, Questions task) {
    QuestionTokens tokens = new QuestionTokens(model);
    for (int q = 0; q < task.questions().size(); q++) {
      tokens.add(task, q);
    }
    return tokens;
  }

  List<Scoring> scorings() {
    return scorings;
  }

  List<Place> places() {
    return places;
  }

  /** Questions that lost the beginning of their context. */
  int shortened() {
    return shortened;
  }

  private void add(Questions task, int number) {
    Question question = task.questions().get(number);
    int from = scorings.size();
    boolean cut = false;
    for (int choice = 0; choice < question.choices().size(); choice++) {
      Pair pair = pair(question.context(), BETWEEN + question.choices().get(choice));
      String where =
          "%s: choice %d of question %d (both counted from 0)"
              .formatted(task.path(), choice, number);
      if (pair.context.length == 0 || pair.continuation.length == 0) {
        throw BadInputException.broken(
            "%s: %s has no token of its own, expected one or more",
            where, pair.context.length == 0 ? "what stands before it" : "it");
      }
      if (pair.continuation.length > model.positions()) {
        throw BadInputException.broken(
            "%s: has %d tokens, but the model was made for %d positions; leave the question out",
            where, pair.continuation.length, model.positions());
      }
      int all = pair.context.length + pair.continuation.length;
      cut |= all > model.positions() + 1;
      add(pair, Math.max(0, all - model.positions() - 1), from);
    }
    shortened += cut ? 1 : 0;
  }

  /** Choices that differ in their last token alone go through the model as one sequence. */
  private void add(Pair pair, int dropped, int from) {
    int[] all = Arrays.copyOf(pair.context, pair.context.length + pair.continuation.length - 1);
    System.arraycopy(pair.continuation, 0, all, pair.context.length, pair.continuation.length - 1);
    int[] input = Arrays.copyOfRange(all, dropped, all.length);
    int scoring = from;
    while (scoring < scorings.size() && !Arrays.equals(scorings.get(scoring).input(), input)) {
      scoring++;
    }
    if (scoring == scorings.size()) {
      scorings.add(new Scoring(input, new ArrayList<>()));
    }
    List<int[]> continuations = scorings.get(scoring).continuations();
    places.add(new Place(scoring, continuations.size()));
    continuations.add(pair.continuation);
  }

  private Pair pair(String context, String continuation) {
    if (context.isEmpty()) {
      return pairWithoutContext(model.alone(continuation));
    }
    int end = context.length();
    while (end > 0 && isSpace(context.charAt(end - 1))) {
      end--;
    }
    int[] before = model.begun(context.substring(0, end));
    int[] whole = model.begun(context + continuation);
    return new Pair(
        before, Arrays.copyOfRange(whole, Math.min(before.length, whole.length), whole.length));
  }

  /** The token that texts begin with is the context, unless the text has it already. */
  private Pair pairWithoutContext(int[] ids) {
    int start =
        model
            .start()
            .orElseThrow(
                () ->
                    BadInputException.unsupported(
                        "the tokenizer has no token that begins or ends a text, which stands for"
                            + " an empty context; give every question a context"));
    return ids.length > 0 && ids[0] == start
        ? new Pair(Arrays.copyOf(ids, 1), Arrays.copyOfRange(ids, 1, ids.length))
        : new Pair(new int[] {start}, ids);
  }

  private static boolean isSpace(char unit) {
    return Character.isWhitespace(unit) || Character.isSpaceChar(unit) || unit == '\u0085';
  }
}
