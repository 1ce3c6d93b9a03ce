package io.tritmill.jobs.data;

import io.tritmill.jobs.failure.BadInputException;
import java.util.List;

/**
 * A question with several answers, one of which is right.
 *
 * @param context what stands before the answer; may be empty
 * @param choices two answers or more, none of them empty
 * @param answer which of them is right, counted from 0
 */
public record Question(String context, List<String> choices, int answer) {
  private static final int CHOICES = 1000;

  /** The columns of a file of questions. */
  static final List<String> COLUMNS = List.of("context", "choices", "answer");

  public Question {
    choices = List.copyOf(choices);
  }

  /**
   * What stands in a row, if it is a question.
   *
   * @param place of the row, for messages
   * @param context null where there is none
   * @param choices null where there are none
   * @param answer null where there is none
   * @throws BadInputException if it is none
   */
  static Question of(String place, String context, List<String> choices, Long answer) {
    if (context == null) {
      throw BadInputException.broken("%s: context is null, expected a text", place);
    }
    if (choices == null || choices.size() < 2 || choices.size() > CHOICES) {
      throw BadInputException.broken(
          "%s: choices holds %d texts, expected 2 to %d",
          place, choices == null ? 0 : choices.size(), CHOICES);
    }
    for (int choice = 0; choice < choices.size(); choice++) {
      if (choices.get(choice).isEmpty()) {
        throw BadInputException.broken(
            "%s: choice %d (counted from 0) is empty, expected a text", place, choice);
      }
    }
    if (answer == null || answer < 0 || answer >= choices.size()) {
      throw BadInputException.broken(
          "%s: answer is %s, expected the number of a choice, 0 to %d",
          place, answer, choices.size() - 1);
    }
    return new Question(context, choices, answer.intValue());
  }
}
