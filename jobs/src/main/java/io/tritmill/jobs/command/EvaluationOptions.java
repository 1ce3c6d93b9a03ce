package io.tritmill.jobs.command;

import io.tritmill.jobs.data.Documents;
import io.tritmill.jobs.data.EvaluationSet;
import io.tritmill.jobs.data.Protocol;
import io.tritmill.jobs.data.Sequencing;
import io.tritmill.jobs.storage.Storage;
import io.tritmill.jobs.tokenizer.Tokenizer;
import io.tritmill.kernels.model.Architecture;
import java.util.Optional;
import org.apache.hadoop.fs.Path;
import picocli.CommandLine.Option;

/** What a model is evaluated on. */
final class EvaluationOptions {
  private static final int DEFAULT_LENGTH = 2048;

  @Option(
      names = "--dataset",
      paramLabel = "D",
      description =
          "Hugging Face datasets folder, or folder or file of Arrow, Parquet, JSONL or text.")
  private String dataset;

  @Option(
      names = "--protocol",
      paramLabel = "documents|windows",
      defaultValue = "documents",
      description = "How documents are cut into sequences (default: documents).")
  private String protocol;

  @Option(
      names = "--sequence-length",
      paramLabel = "N",
      description = "Tokens of a sequence (default: 2048, or the model's own limit if less).")
  private Integer sequenceLength;

  @Option(
      names = "--limit",
      paramLabel = "N",
      description = "Documents, windows, or questions of a task, at most (default: all).")
  private Integer limit;

  @Option(
      names = "--column",
      paramLabel = "NAME",
      description = "Column of texts or token ids (default: text or input_ids).")
  private String column;

  @Option(
      names = "--split",
      paramLabel = "NAME",
      description = "Split, where there are several (default: test, then validation).")
  private String split;

  /**
   * The options that a command chooses itself.
   *
   * @param sequenceLength null for the default
   * @param limit of sequences; null for all
   */
  static EvaluationOptions of(
      String dataset, Protocol protocol, Integer sequenceLength, Integer limit) {
    EvaluationOptions options = new EvaluationOptions();
    options.dataset = dataset;
    options.protocol = protocol.key();
    options.sequenceLength = sequenceLength;
    options.limit = limit;
    return options;
  }

  /** Whether perplexity is to be measured. */
  boolean given() {
    return dataset != null;
  }

  /** Documents, windows or questions at most; null for all. */
  Integer limit() {
    return limit;
  }

  /** Reads the sequences that a model is evaluated on. */
  EvaluationSet read(Storage storage, Path model, Architecture config) {
    int length =
        sequenceLength == null ? Math.min(DEFAULT_LENGTH, config.maxPositions()) : sequenceLength;
    Sequencing sequencing =
        new Sequencing(
            Protocol.of(protocol),
            length,
            limit == null ? Sequencing.NO_LIMIT : limit,
            config.vocabulary(),
            config.bosToken());
    Documents documents = open(storage);
    EvaluationSet set = sequencing.read(documents, () -> Tokenizer.open(storage, model));
    documents.remarks().forEach(remark -> System.err.println("remark: " + remark));
    if (set.documentsWithoutPrediction() > 0) {
      System.err.println(
          "remark: %d of %d documents hold nothing to predict and were left out"
              .formatted(set.documentsWithoutPrediction(), set.documents()));
    }
    return set;
  }

  /** Opens the data set, without reading what is in it. */
  Documents open(Storage storage) {
    return Documents.open(
        storage,
        storage.path(dataset),
        new Documents.Selection(Optional.ofNullable(split), Optional.ofNullable(column)));
  }
}
