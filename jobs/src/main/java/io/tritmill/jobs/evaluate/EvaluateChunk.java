package io.tritmill.jobs.evaluate;

import io.tritmill.jobs.model.ModelSource;
import io.tritmill.jobs.spark.Tasks;
import io.tritmill.kernels.model.loss.NextTokenLoss;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;

/**
 * The task: a few sequences through a model, and through its baseline where there is one.
 *
 * <p>Logits exist for one tile of positions and one band of the vocabulary at a time.
 */
final class EvaluateChunk implements Tasks.Work<Chunk, EvaluateChunk.Losses> {
  private static final long serialVersionUID = 1L;

  /** Tokens in a band of the vocabulary. The bits of a loss depend on it, so it is fixed. */
  private static final int BAND = 1024;

  /** Positions in a tile; changes nothing in the results. */
  private static final int TILE = 256;

  private final ModelSource model;
  private final ModelSource baseline;

  /**
   * What the task returns.
   *
   * @param first index of the chunk's first sequence in the set
   * @param sequences a loss each
   */
  record Losses(int first, ArrayList<SequenceLoss> sequences) implements Serializable {
    private static final long serialVersionUID = 1L;
  }

  /**
   * @param baseline may be null
   */
  EvaluateChunk(ModelSource model, ModelSource baseline) {
    this.model = model;
    this.baseline = baseline;
  }

  @Override
  public Losses apply(Chunk chunk, String attempt) {
    return new Losses(chunk.first(), losses(chunk.sequences()));
  }

  private ArrayList<SequenceLoss> losses(List<int[]> sequences) {
    int[] labels = labels(sequences);
    NextTokenLoss loss = new NextTokenLoss(labels);
    int vocabulary = model.architecture().vocabulary();
    try (ModelPass pass = new ModelPass(model, sequences)) {
      if (baseline == null) {
        addLogits(vocabulary, labels.length, pass, loss);
        return losses(sequences, loss, null);
      }
      NextTokenLoss baselineLoss = new NextTokenLoss(labels);
      try (ModelPass baselinePass = new ModelPass(baseline, sequences)) {
        addLogits(vocabulary, labels.length, pass, loss, baselinePass, baselineLoss);
      }
      return losses(sequences, loss, baselineLoss);
    }
  }

  /** The token after each position; none after the last of a sequence. */
  private static int[] labels(List<int[]> sequences) {
    int[] labels = new int[sequences.stream().mapToInt(sequence -> sequence.length).sum()];
    int at = 0;
    for (int[] sequence : sequences) {
      System.arraycopy(sequence, 1, labels, at, sequence.length - 1);
      at += sequence.length;
      labels[at - 1] = NextTokenLoss.NO_LABEL;
    }
    return labels;
  }

  /** Takes the logits of the first positions of a pass, over the whole vocabulary, into a loss. */
  static void addLogits(int vocabulary, int positions, ModelPass pass, NextTokenLoss loss) {
    float[] logits = new float[TILE * BAND];
    for (int token = 0; token < vocabulary; token += BAND) {
      int width = Math.min(BAND, vocabulary - token);
      pass.readHead(token, width);
      for (int first = 0; first < positions; first += TILE) {
        int rows = Math.min(TILE, positions - first);
        pass.logits(first, rows, logits);
        loss.add(first, rows, token, width, logits);
      }
    }
  }

  private static void addLogits(
      int vocabulary,
      int positions,
      ModelPass pass,
      NextTokenLoss loss,
      ModelPass baselinePass,
      NextTokenLoss baselineLoss) {
    float[] logits = new float[TILE * BAND];
    float[] baselineLogits = new float[TILE * BAND];
    for (int token = 0; token < vocabulary; token += BAND) {
      int width = Math.min(BAND, vocabulary - token);
      pass.readHead(token, width);
      baselinePass.readHead(token, width);
      for (int first = 0; first < positions; first += TILE) {
        int rows = Math.min(TILE, positions - first);
        pass.logits(first, rows, logits);
        baselinePass.logits(first, rows, baselineLogits);
        loss.add(first, rows, token, width, logits);
        baselineLoss.add(first, rows, token, width, baselineLogits, logits);
      }
    }
  }

  private static ArrayList<SequenceLoss> losses(
      List<int[]> sequences, NextTokenLoss loss, NextTokenLoss baselineLoss) {
    ArrayList<SequenceLoss> losses = new ArrayList<>();
    int position = 0;
    for (int[] sequence : sequences) {
      double nll = 0;
      double baselineNll = 0;
      double divergence = 0;
      for (int end = position + sequence.length; position < end; position++) {
        nll += loss.negativeLogLikelihood(position);
        if (baselineLoss != null) {
          baselineNll += baselineLoss.negativeLogLikelihood(position);
          divergence += baselineLoss.divergence(position, loss);
        }
      }
      losses.add(new SequenceLoss(sequence.length - 1, nll, baselineNll, divergence));
    }
    return losses;
  }
}
