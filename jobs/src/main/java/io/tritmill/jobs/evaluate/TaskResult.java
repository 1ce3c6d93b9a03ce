package io.tritmill.jobs.evaluate;

import io.tritmill.jobs.data.Question;
import io.tritmill.jobs.data.Questions;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalDouble;

/**
 * What a model answers to the questions of a task.
 *
 * @param task the questions
 * @param answers an answer for each
 * @param tokens tokens of choices that were predicted
 * @param longest tokens of the longest sequence that the model read
 * @param wallMillis time that it took
 */
public record TaskResult(
    Questions task, List<Answer> answers, long tokens, int longest, long wallMillis) {
  public TaskResult {
    answers = List.copyOf(answers);
  }

  /**
   * What a model says of the choices of a question.
   *
   * @param logLikelihoods natural logarithm of the probability of each after the context
   * @param mostLikely whether each token of a choice is the most likely one
   * @param right whether the choice of the highest probability is the answer
   * @param rightByLength whether the choice of the highest log-likelihood a character is
   */
  public record Answer(
      double[] logLikelihoods, boolean[] mostLikely, boolean right, boolean rightByLength) {
    static Answer of(Question question, double[] logLikelihoods, boolean[] mostLikely) {
      double[] byLength = logLikelihoods.clone();
      Arrays.setAll(
          byLength,
          choice -> {
            String text = question.choices().get(choice);
            return logLikelihoods[choice] / text.codePointCount(0, text.length());
          });
      return new Answer(
          logLikelihoods,
          mostLikely,
          largest(logLikelihoods) == question.answer(),
          largest(byLength) == question.answer());
    }

    private static int largest(double[] values) {
      int largest = 0;
      for (int i = 1; i < values.length; i++) {
        if (values[i] > values[largest]) {
          largest = i;
        }
      }
      return largest;
    }
  }

  /**
   * A share of the questions.
   *
   * @param stderr its standard error, by the deviation of a sample; empty of one question
   */
  public record Share(double value, OptionalDouble stderr) {
    static Share of(long right, long all) {
      double mean = (double) right / all;
      // The sum of squared deviations of so many ones and zeros.
      double squares = right * (1 - mean) * (1 - mean) + (all - right) * mean * mean;
      return new Share(
          mean,
          all > 1
              ? OptionalDouble.of(Math.sqrt(squares / (all - 1)) / Math.sqrt(all))
              : OptionalDouble.empty());
    }
  }

  /** Questions whose answer is the choice of the highest probability. */
  public Share accuracy() {
    return Share.of(answers.stream().filter(Answer::right).count(), answers.size());
  }

  /** Questions whose answer is the choice of the highest log-likelihood a character. */
  public Share normedAccuracy() {
    return Share.of(answers.stream().filter(Answer::rightByLength).count(), answers.size());
  }
}
