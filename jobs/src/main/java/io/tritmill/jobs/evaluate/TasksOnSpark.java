package io.tritmill.jobs.evaluate;

import io.tritmill.jobs.data.Question;
import io.tritmill.jobs.data.Questions;
import io.tritmill.jobs.failure.BadInputException;
import io.tritmill.jobs.generate.TextModel;
import io.tritmill.jobs.progress.Activity;
import io.tritmill.jobs.progress.Progress;
import io.tritmill.jobs.spark.Tasks;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.api.java.JavaSparkContext;

/**
 * Lets a model answer questions, data-parallel: a task takes a chunk of them through the model
 * block by block, as perplexity is measured, and returns a number for each choice.
 *
 * <p>The result has the same bits for any number of chunks, cores or executors.
 */
public final class TasksOnSpark {
  private final JavaSparkContext spark;
  private final PrintStream progress;

  /**
   * @param progress gets a line for each chunk
   */
  public TasksOnSpark(JavaSparkContext spark, PrintStream progress) {
    this.spark = spark;
    this.progress = progress;
  }

  /**
   * Asks a model.
   *
   * @throws BadInputException if a question does not fit the model, or a number is not finite
   */
  public TaskResult ask(TextModel model, Questions task) {
    long begin = System.nanoTime();
    QuestionTokens tokens =
        Activity.during("tokenizing " + task.name(), () -> QuestionTokens.of(model, task));
    if (tokens.shortened() > 0) {
      System.err.printf(
          "warning: %s: %d of %d questions are longer than the %d positions of the model, and lose"
              + " their beginning%n",
          task.path(), tokens.shortened(), task.questions().size(), model.positions());
    }
    List<ArrayList<ScoreChunk.Score>> scores = scores(model, task, tokens.scorings());
    long predicted =
        tokens.scorings().stream()
            .flatMap(scoring -> scoring.continuations().stream())
            .mapToLong(continuation -> continuation.length)
            .sum();
    List<TaskResult.Answer> answers = answers(task, tokens.places(), scores);
    int longest =
        tokens.scorings().stream().mapToInt(scoring -> scoring.input().length).max().orElseThrow();
    return new TaskResult(
        task, answers, predicted, longest, (System.nanoTime() - begin) / 1_000_000);
  }

  private List<ArrayList<ScoreChunk.Score>> scores(
      TextModel model, Questions task, List<Scoring> scorings) {
    List<int[]> inputs = scorings.stream().map(Scoring::input).toList();
    long total = inputs.stream().mapToLong(input -> input.length).sum();
    int most = EvaluateOnSpark.RESIDUAL_FLOATS / model.source().architecture().hidden();
    List<ScoreChunk.Chunk> work =
        Chunk.cut(inputs, EvaluateOnSpark.chunks(spark.defaultParallelism(), total), most).stream()
            .map(
                chunk -> {
                  int end = chunk.first() + chunk.sequences().size();
                  return new ScoreChunk.Chunk(
                      chunk.first(), new ArrayList<>(scorings.subList(chunk.first(), end)));
                })
            .toList();
    List<ArrayList<ScoreChunk.Score>> found = new ArrayList<>();
    scorings.forEach(scoring -> found.add(new ArrayList<>()));
    Progress lines = new Progress(progress, work.size(), inputs.size());
    Tasks.run(
        spark,
        "%s: %d questions, %d tokens".formatted(task.name(), task.questions().size(), total),
        work.stream().map(List::of).toList(),
        new ScoreChunk(model.source()),
        scores -> {
          for (int s = 0; s < scores.continuations().size(); s++) {
            found.set(scores.first() + s, scores.continuations().get(s));
          }
          lines.advance(scores.continuations().size());
          lines.step(
              "%s: read %,d sequences".formatted(task.name(), scores.continuations().size()));
        });
    return found;
  }

  private static List<TaskResult.Answer> answers(
      Questions task, List<QuestionTokens.Place> places, List<ArrayList<ScoreChunk.Score>> scores) {
    List<TaskResult.Answer> answers = new ArrayList<>();
    int at = 0;
    for (Question question : task.questions()) {
      int choices = question.choices().size();
      double[] logLikelihoods = new double[choices];
      boolean[] mostLikely = new boolean[choices];
      for (int choice = 0; choice < choices; choice++) {
        QuestionTokens.Place place = places.get(at++);
        ScoreChunk.Score score = scores.get(place.scoring()).get(place.continuation());
        if (!Double.isFinite(score.logLikelihood())) {
          throw BadInputException.broken(
              "%s: question %d (counted from 0) has a log-likelihood of %s, expected a finite one;"
                  + " the model's activations overflow, so its weights cannot be right",
              task.path(), answers.size(), score.logLikelihood());
        }
        logLikelihoods[choice] = score.logLikelihood();
        mostLikely[choice] = score.mostLikely();
      }
      answers.add(TaskResult.Answer.of(question, logLikelihoods, mostLikely));
    }
    return answers;
  }
}
