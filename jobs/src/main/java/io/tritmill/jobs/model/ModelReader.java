package io.tritmill.jobs.model;

import io.tritmill.kernels.model.BlockWeights;
import io.tritmill.kernels.model.Linear;
import io.tritmill.kernels.model.ModelConfig;
import io.tritmill.kernels.model.Role;
import io.tritmill.kernels.model.Rotations;
import io.tritmill.kernels.model.TensorSpec;
import io.tritmill.kernels.tensor.WeightRows;
import java.util.BitSet;
import java.util.List;

/**
 * Hands out a model's weights in the order of the forward pass, so that a task holds one block at a
 * time; not thread-safe.
 */
public final class ModelReader implements AutoCloseable {
  /** Floats of the embedding that are decoded at once. */
  private static final int EMBEDDING_BAND = 1 << 20;

  private final ModelConfig config;
  private final List<TensorSpec> specs;
  private final Rotations rotations;
  private final ModelTensors tensors;
  private final SharedMatrices shared;

  /** Reads everything itself. */
  public ModelReader(ModelSource source) {
    this(source, null);
  }

  /**
   * Opens a model.
   *
   * @param shared has the matrices of blocks that other tasks of the job read; null for nobody
   */
  public ModelReader(ModelSource source, SharedMatrices shared) {
    this.shared = shared;
    config = source.config();
    specs = source.specs();
    rotations = source.rotations();
    tensors = source.open();
  }

  /** Sizes and constants of the model. */
  public ModelConfig config() {
    return config;
  }

  /** How the model is rotated. */
  public Rotations rotations() {
    return rotations;
  }

  /**
   * What enters the first block: the embeddings of tokens, rotated if the model is.
   *
   * <p>Reads each stretch of needed rows once, in the order of the file.
   *
   * @param ids tokens, each below the vocabulary
   * @return (ids, hidden)
   */
  public float[] embed(int[] ids) {
    int hidden = config.hidden();
    float[] x = new float[Math.multiplyExact(ids.length, hidden)];
    BitSet needed = new BitSet(config.vocabulary());
    for (int id : ids) {
      needed.set(id);
    }
    int bandRows = Math.max(1, EMBEDDING_BAND / hidden);
    float[] band = new float[Math.min(bandRows, needed.length()) * hidden];
    int first = needed.nextSetBit(0);
    while (first >= 0) {
      int end = needed.previousSetBit(first + bandRows - 1) + 1;
      tensors.rows(spec(TensorSpec.NO_BLOCK, Role.EMBEDDING), first, end - first, band);
      for (int t = 0; t < ids.length; t++) {
        if (ids[t] >= first && ids[t] < end) {
          System.arraycopy(band, (ids[t] - first) * hidden, x, t * hidden, hidden);
        }
      }
      first = needed.nextSetBit(end);
    }
    rotations.enter(ids.length, x);
    return x;
  }

  /**
   * The weights of a block, matrices as they are stored. A matrix is read when its first row is
   * asked for, which must be before this reader is closed.
   */
  public BlockWeights block(int block) {
    return new BlockWeights(
        tensors.vector(spec(block, Role.ATTENTION_NORM)),
        linear(block, Role.QUERY),
        linear(block, Role.KEY),
        linear(block, Role.VALUE),
        linear(block, Role.OUTPUT),
        tensors.vector(spec(block, Role.FEED_FORWARD_NORM)),
        linear(block, Role.GATE),
        linear(block, Role.UP),
        linear(block, Role.DOWN));
  }

  /** The gains of the final norm, (hidden). */
  public float[] finalNorm() {
    return tensors.vector(spec(TensorSpec.NO_BLOCK, Role.FINAL_NORM));
  }

  /**
   * Reads rows of the head, which is the embedding where the two are tied.
   *
   * @param firstToken the first row
   * @param count rows
   * @param into (count, hidden) from 0 on; overwritten
   */
  public void head(int firstToken, int count, float[] into) {
    Role role = config.tiedHead() ? Role.EMBEDDING : Role.HEAD;
    tensors.rows(spec(TensorSpec.NO_BLOCK, role), firstToken, count, into);
  }

  /** One matrix of a block as it is stored, read at once. */
  public WeightRows matrix(int block, Role role) {
    return tensors.matrix(spec(block, role));
  }

  private Linear linear(int block, Role role) {
    TensorSpec spec = spec(block, role);
    WeightRows weight = new LazyRows(spec.shape().get(0), spec.shape().get(1), () -> shared(spec));
    return config.biased().contains(role)
        ? new Linear(weight, tensors.vector(find(block, role, true)))
        : new Linear(weight);
  }

  private WeightRows shared(TensorSpec spec) {
    return shared == null
        ? tensors.matrix(spec)
        : shared.get(spec.name(), () -> tensors.matrix(spec));
  }

  private TensorSpec spec(int block, Role role) {
    return find(block, role, false);
  }

  private TensorSpec find(int block, Role role, boolean bias) {
    return specs.stream()
        .filter(spec -> spec.block() == block && spec.role() == role && spec.bias() == bias)
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalStateException(
                    "The family has no %s in block %d".formatted(role, block)));
  }

  @Override
  public void close() {
    tensors.close();
  }
}
