package io.tritmill.jobs.model;

import io.tritmill.kernels.model.Architecture;
import io.tritmill.kernels.model.Norm;
import io.tritmill.kernels.model.Rotations;
import io.tritmill.kernels.model.Sublayer;
import io.tritmill.kernels.model.TensorSpec;
import io.tritmill.kernels.model.forward.SublayerWeights;
import io.tritmill.kernels.tensor.WeightRows;
import java.util.BitSet;
import java.util.HashMap;
import java.util.Map;

/**
 * Hands out a model's weights in the order of the forward pass, so that a task holds one sublayer
 * at a time; not thread-safe.
 */
public final class ModelReader implements AutoCloseable {
  /** Floats of the embedding that are decoded at once. */
  private static final int EMBEDDING_BAND = 1 << 20;

  private final Architecture model;
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
    model = source.architecture();
    rotations = source.rotations();
    tensors = source.open();
  }

  /** What the model is. */
  public Architecture architecture() {
    return model;
  }

  /** How the model is rotated. */
  public Rotations rotations() {
    return rotations;
  }

  /** Reads neighbouring rows of a table into the beginning of an array, (count, hidden). */
  public interface TableRows {
    void read(int firstRow, int count, float[] into);
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
    return embed(ids, (first, count, into) -> tensors.rows(model.embedding(), first, count, into));
  }

  /**
   * The same from another table, whose rows are asked for in order.
   *
   * @param ids tokens, each below the vocabulary
   * @param table in place of the model's embedding, (vocabulary, hidden)
   * @return (ids, hidden)
   */
  public float[] embed(int[] ids, TableRows table) {
    int hidden = model.hidden();
    float[] x = new float[Math.multiplyExact(ids.length, hidden)];
    BitSet needed = new BitSet(model.vocabulary());
    for (int id : ids) {
      needed.set(id);
    }
    int bandRows = Math.max(1, EMBEDDING_BAND / hidden);
    float[] band = new float[Math.min(bandRows, needed.length()) * hidden];
    int first = needed.nextSetBit(0);
    while (first >= 0) {
      int end = needed.previousSetBit(first + bandRows - 1) + 1;
      table.read(first, end - first, band);
      for (int t = 0; t < ids.length; t++) {
        if (ids[t] >= first && ids[t] < end) {
          System.arraycopy(band, (ids[t] - first) * hidden, x, t * hidden, hidden);
        }
      }
      first = needed.nextSetBit(end);
    }
    enter(model, rotations, ids.length, x);
    return x;
  }

  /**
   * Makes embeddings what enters the first block.
   *
   * @param x (tokens, hidden): rows of the embedding; changed in place
   */
  public static void enter(Architecture model, Rotations rotations, int tokens, float[] x) {
    float scale = model.embeddingScale();
    int values = tokens * model.hidden();
    for (int i = 0; scale != 1 && i < values; i++) {
      x[i] *= scale;
    }
    rotations.enter(tokens, x);
  }

  /**
   * The weights of a sublayer, matrices as they are stored. A matrix is read when its first row is
   * asked for, which must be before this reader is closed.
   */
  public SublayerWeights sublayer(Sublayer sublayer) {
    Map<String, WeightRows> matrices = new HashMap<>();
    Map<String, float[]> vectors = new HashMap<>();
    for (TensorSpec spec : sublayer.tensors()) {
      if (spec.vector()) {
        vectors.put(spec.name(), tensors.vector(spec));
      } else {
        matrices.put(spec.name(), new LazyRows(spec.rows(), spec.columns(), () -> shared(spec)));
      }
    }
    return new SublayerWeights(matrices, vectors);
  }

  /** The gains of the final norm, (hidden). */
  public float[] finalNorm() {
    Norm norm = model.finalNorm();
    return norm.gains(tensors.vector(norm.weight()));
  }

  /**
   * Reads rows of the head, which is the embedding where the two are tied.
   *
   * @param firstToken the first row
   * @param count rows
   * @param into (count, hidden) from 0 on; overwritten
   */
  public void head(int firstToken, int count, float[] into) {
    tensors.rows(model.head(), firstToken, count, into);
  }

  /** One matrix as it is stored, read at once. */
  public WeightRows matrix(TensorSpec spec) {
    return tensors.matrix(spec);
  }

  private WeightRows shared(TensorSpec spec) {
    return shared == null
        ? tensors.matrix(spec)
        : shared.get(spec.name(), () -> tensors.matrix(spec));
  }

  @Override
  public void close() {
    tensors.close();
  }
}
