package io.tritmill.jobs.evaluate;

import io.tritmill.jobs.model.ModelReader;
import io.tritmill.jobs.model.ModelSource;
import io.tritmill.kernels.model.Architecture;
import io.tritmill.kernels.model.Sublayer;
import io.tritmill.kernels.model.forward.ForwardPass;
import io.tritmill.kernels.model.forward.OutputHead;
import io.tritmill.kernels.model.forward.Taps;
import java.util.Arrays;
import java.util.List;

/**
 * One model run over a few sequences: what leaves its last block, and logits of it on demand.
 *
 * <p>Holds one sublayer at a time while it runs, and afterwards one band of the head.
 */
final class ModelPass implements AutoCloseable {
  private final ModelReader reader;
  private final OutputHead head;
  private float[] x; // (tokens, hidden), after the final norm
  private float[] band = {}; // (width, hidden) of the head
  private int width;

  /** Embeds the sequences and runs every sublayer over them. */
  ModelPass(ModelSource source, List<int[]> sequences) {
    reader = new ModelReader(source);
    int[] lengths = sequences.stream().mapToInt(sequence -> sequence.length).toArray();
    int[] ids = sequences.stream().flatMapToInt(Arrays::stream).toArray();
    x = reader.embed(ids);
    Architecture model = reader.architecture();
    ForwardPass forward =
        new ForwardPass(model, reader.rotations(), Arrays.stream(lengths).max().orElse(1));
    for (Sublayer sublayer : model.sublayers()) {
      forward.run(sublayer, reader.sublayer(sublayer), x, lengths, Taps.NONE);
    }
    head = new OutputHead(model, reader.finalNorm());
    reader.rotations().leave(ids.length, x);
    head.normalize(ids.length, x);
  }

  /** Keeps some positions, in the order given, perhaps more than once, and forgets the others. */
  void keep(int[] positions) {
    int hidden = reader.architecture().hidden();
    float[] kept = new float[Math.multiplyExact(positions.length, hidden)];
    for (int p = 0; p < positions.length; p++) {
      System.arraycopy(x, positions[p] * hidden, kept, p * hidden, hidden);
    }
    x = kept;
  }

  /** Reads the rows of the head for tokens {@code [firstToken, firstToken + count)}. */
  void readHead(int firstToken, int count) {
    width = count;
    if (band.length < count * reader.architecture().hidden()) {
      band = new float[count * reader.architecture().hidden()];
    }
    reader.head(firstToken, count, band);
  }

  /**
   * The logits of some positions for the tokens of the last {@link #readHead}.
   *
   * @param logits (positions, width); overwritten
   */
  void logits(int first, int positions, float[] logits) {
    head.logits(first, positions, x, width, band, logits);
  }

  @Override
  public void close() {
    reader.close();
  }
}
