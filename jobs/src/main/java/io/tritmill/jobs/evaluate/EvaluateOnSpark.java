package io.tritmill.jobs.evaluate;

import io.tritmill.jobs.data.EvaluationSet;
import io.tritmill.jobs.failure.BadInputException;
import io.tritmill.jobs.model.ModelSource;
import io.tritmill.jobs.progress.Progress;
import io.tritmill.jobs.spark.Tasks;
import io.tritmill.kernels.model.Architecture;
import java.io.PrintStream;
import java.util.List;
import java.util.Optional;
import java.util.function.ToDoubleFunction;
import org.apache.spark.api.java.JavaSparkContext;

/**
 * Evaluates models on a set of sequences, data-parallel: a task takes a chunk of sequences through
 * the model block by block, and returns a few numbers a sequence.
 *
 * <p>A task holds the residual stream of its chunk (at most {@value #RESIDUAL_FLOATS} floats for
 * each model, and a sequence more), one block as it is stored, and scratch for some hundred tokens,
 * whatever the size of the model. The numbers are added in the order of the sequences, so the
 * result has the same bits for any number of chunks, cores or executors.
 */
public final class EvaluateOnSpark {
  public static final int RESIDUAL_FLOATS = 1 << 25;
  private static final int CHUNK_TOKENS = 4096;
  private static final int CHUNKS_PER_CORE = 16;

  private final JavaSparkContext spark;
  private final EvaluationSet set;
  private final int chunks;
  private final PrintStream progress;

  /**
   * As many chunks as keep the cores busy and show how far it is, unless they become so small that
   * reading the weights again for each would cost more than the arithmetic.
   *
   * @param progress gets a line for each chunk
   */
  public EvaluateOnSpark(JavaSparkContext spark, EvaluationSet set, PrintStream progress) {
    this(spark, set, chunks(spark.defaultParallelism(), set.predictedTokens()), progress);
  }

  /**
   * At least so many chunks, as far as there are sequences.
   *
   * @param chunks at least 1
   * @param progress gets a line for each chunk
   */
  public EvaluateOnSpark(
      JavaSparkContext spark, EvaluationSet set, int chunks, PrintStream progress) {
    this.spark = spark;
    this.set = set;
    this.chunks = chunks;
    this.progress = progress;
  }

  /** Chunks that are worth it for so many tokens. */
  static int chunks(int cores, long tokens) {
    return (int) Math.clamp(tokens / CHUNK_TOKENS, cores, CHUNKS_PER_CORE * (long) cores);
  }

  /**
   * Evaluates a model.
   *
   * @throws BadInputException if the sequences do not fit the model, or a loss is not finite
   */
  public EvaluationResult evaluate(ModelSource model) {
    requireFitting(model.architecture(), "the model");
    List<SequenceLoss> losses = losses(model, null);
    return result(losses, Optional.empty());
  }

  /**
   * Evaluates a model and its baseline, and compares their next-token distributions.
   *
   * @throws BadInputException if the sequences do not fit both models, their vocabularies differ,
   *     or a loss is not finite
   */
  public EvaluationResult evaluate(ModelSource model, ModelSource baseline) {
    requireFitting(model.architecture(), "the model");
    requireFitting(baseline.architecture(), "the baseline");
    if (model.architecture().vocabulary() != baseline.architecture().vocabulary()) {
      throw BadInputException.usage(
          "The baseline has a vocabulary of %d and the model one of %d, expected the same; give the"
              + " checkpoint that the model was made from",
          baseline.architecture().vocabulary(), model.architecture().vocabulary());
    }
    List<SequenceLoss> losses = losses(model, baseline);
    double perplexity = Math.exp(mean(losses, SequenceLoss::baselineNll));
    double ratio = Math.exp(mean(losses, SequenceLoss::nll)) / perplexity;
    double divergence = sum(losses, SequenceLoss::divergence) / set.predictedTokens();
    return result(
        losses, Optional.of(new EvaluationResult.AgainstBaseline(perplexity, ratio, divergence)));
  }

  private void requireFitting(Architecture config, String which) {
    for (int s = 0; s < set.sequences().size(); s++) {
      int[] sequence = set.sequences().get(s);
      if (sequence.length > config.maxPositions()) {
        throw BadInputException.usage(
            "Sequence %d has %d tokens, but %s was made for %d positions; give a"
                + " --sequence-length of at most as many",
            s, sequence.length, which, config.maxPositions());
      }
      for (int id : sequence) {
        if (id < 0 || id >= config.vocabulary()) {
          throw BadInputException.broken(
              "Sequence %d of the data has token %d, expected 0 to %d, the vocabulary of %s; was"
                  + " the data tokenized for another model?",
              s, id, config.vocabulary() - 1, which);
        }
      }
    }
  }

  private List<SequenceLoss> losses(ModelSource model, ModelSource baseline) {
    int hidden = model.architecture().hidden();
    if (baseline != null) {
      hidden = Math.max(hidden, baseline.architecture().hidden());
    }
    List<Chunk> work = Chunk.cut(set.sequences(), chunks, RESIDUAL_FLOATS / hidden);
    int sequences = set.sequences().size();
    SequenceLoss[] found = new SequenceLoss[sequences];
    Progress lines = new Progress(progress, work.size(), set.predictedTokens());
    Tasks.run(
        spark,
        "evaluate: %d sequences, %d tokens".formatted(sequences, set.predictedTokens() + sequences),
        work.stream().map(List::of).toList(),
        new EvaluateChunk(model, baseline),
        losses -> {
          for (int s = 0; s < losses.sequences().size(); s++) {
            found[losses.first() + s] = losses.sequences().get(s);
          }
          long tokens = losses.sequences().stream().mapToLong(SequenceLoss::predicted).sum();
          lines.advance(tokens);
          lines.step("evaluated %,d tokens".formatted(tokens));
        });
    List<SequenceLoss> losses = List.of(found);
    for (int s = 0; s < losses.size(); s++) {
      requireFinite(s, losses.get(s).nll(), "the model");
      requireFinite(s, losses.get(s).baselineNll(), "the baseline");
    }
    return losses;
  }

  private static void requireFinite(int sequence, double nll, String which) {
    if (!Double.isFinite(nll)) {
      throw BadInputException.broken(
          "Sequence %d has a loss of %s under %s, expected a finite one; its activations overflow,"
              + " so its weights cannot be right",
          sequence, nll, which);
    }
  }

  private EvaluationResult result(
      List<SequenceLoss> losses, Optional<EvaluationResult.AgainstBaseline> baseline) {
    double nllMean = mean(losses, SequenceLoss::nll);
    return new EvaluationResult(
        Math.exp(nllMean),
        nllMean,
        set.predictedTokens(),
        losses.size(),
        set.documents(),
        set.protocol(),
        set.sequenceLength(),
        set.fingerprint(),
        baseline);
  }

  /** The mean NLL that the protocol asks for. */
  private double mean(List<SequenceLoss> losses, ToDoubleFunction<SequenceLoss> nll) {
    return switch (set.protocol()) {
      case DOCUMENTS -> sum(losses, nll) / set.predictedTokens();
      case WINDOWS ->
          sum(losses, loss -> nll.applyAsDouble(loss) / loss.predicted()) / losses.size();
    };
  }

  /** In the order of the sequences, so that no cluster changes a bit. */
  private static double sum(List<SequenceLoss> losses, ToDoubleFunction<SequenceLoss> part) {
    double sum = 0;
    for (SequenceLoss loss : losses) {
      sum += part.applyAsDouble(loss);
    }
    return sum;
  }
}
