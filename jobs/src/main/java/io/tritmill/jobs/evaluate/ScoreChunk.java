package io.tritmill.jobs.evaluate;

import io.tritmill.jobs.model.ModelSource;
import io.tritmill.jobs.spark.Tasks;
import io.tritmill.kernels.model.loss.NextTokenLoss;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;

/** The task: continuations of a few sequences, scored by a model. */
final class ScoreChunk implements Tasks.Work<ScoreChunk.Chunk, ScoreChunk.Scores> {
  private static final long serialVersionUID = 1L;

  private final ModelSource model;

  /**
   * A run of neighbouring scorings.
   *
   * @param first index of its first scoring among all
   */
  record Chunk(int first, ArrayList<Scoring> scorings) implements Serializable {
    private static final long serialVersionUID = 1L;
  }

  /**
   * What the task returns.
   *
   * @param first index of the chunk's first scoring among all
   * @param continuations for each scoring, a score for each continuation
   */
  record Scores(int first, ArrayList<ArrayList<Score>> continuations) implements Serializable {
    private static final long serialVersionUID = 1L;
  }

  /**
   * What a model says of a continuation.
   *
   * @param logLikelihood natural logarithm of its probability
   * @param mostLikely whether each of its tokens is the most likely one
   */
  record Score(double logLikelihood, boolean mostLikely) implements Serializable {
    private static final long serialVersionUID = 1L;
  }

  ScoreChunk(ModelSource model) {
    this.model = model;
  }

  @Override
  public Scores apply(Chunk chunk, String attempt) {
    // Only positions that predict a token of a continuation go through the head.
    int count =
        chunk.scorings().stream()
            .flatMap(scoring -> scoring.continuations().stream())
            .mapToInt(continuation -> continuation.length)
            .sum();
    int[] positions = new int[count];
    int[] labels = new int[count];
    int at = 0;
    int begin = 0;
    for (Scoring scoring : chunk.scorings()) {
      for (int[] continuation : scoring.continuations()) {
        for (int i = 0; i < continuation.length; i++) {
          positions[at] = begin + scoring.first(continuation) + i;
          labels[at++] = continuation[i];
        }
      }
      begin += scoring.input().length;
    }
    NextTokenLoss loss = new NextTokenLoss(labels);
    List<int[]> inputs = chunk.scorings().stream().map(Scoring::input).toList();
    try (ModelPass pass = new ModelPass(model, inputs)) {
      pass.keep(positions);
      EvaluateChunk.addLogits(model.architecture().vocabulary(), count, pass, loss);
    }
    return scores(chunk, loss);
  }

  private static Scores scores(Chunk chunk, NextTokenLoss loss) {
    ArrayList<ArrayList<Score>> all = new ArrayList<>();
    int at = 0;
    for (Scoring scoring : chunk.scorings()) {
      ArrayList<Score> scores = new ArrayList<>();
      for (int[] continuation : scoring.continuations()) {
        double sum = 0;
        boolean mostLikely = true;
        for (int end = at + continuation.length; at < end; at++) {
          sum -= loss.negativeLogLikelihood(at);
          mostLikely &= loss.isMostLikely(at);
        }
        scores.add(new Score(sum, mostLikely));
      }
      all.add(scores);
    }
    return new Scores(chunk.first(), all);
  }
}
