package io.tritmill.jobs.calibrate;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tritmill.jobs.SharedSpark;
import io.tritmill.jobs.calibrate.stream.NumberFiles;
import io.tritmill.jobs.failure.BadInputException;
import io.tritmill.jobs.storage.Storage;
import io.tritmill.kernels.linalg.CrossGram;
import io.tritmill.kernels.linalg.Gram;
import io.tritmill.kernels.linalg.GramAccumulator;
import io.tritmill.kernels.model.Site;
import io.tritmill.kernels.quantize.Need;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Strips of sums over chunks in files, against the accumulators that hold whole matrices. */
class SumStripsTest {
  /**
   * Of three chunks: whole chains, so that those of the whole matrix are the same, and the rest.
   */
  private static final int[] TOKENS = {1024, 512, 700};

  private static final int COLUMNS = 600;
  private static final double LEAST = 0.25;

  private final Storage storage = SharedSpark.storage();
  private final Random random = new Random(1);

  @TempDir private Path directory;

  /** A chunk with files of its inputs in both models, and of its tokens' weights. */
  private record Chunk(ChunkInputs files, float[] inputs, float[] clean, float[] weights) {
    int tokens() {
      return weights.length;
    }

    float[] errors() {
      float[] errors = clean.clone();
      for (int i = 0; i < errors.length; i++) {
        errors[i] -= inputs[i];
      }
      return errors;
    }
  }

  private static final Site DOWN = Site.ofAll(19, 19, 9, 4, "down", COLUMNS);

  @Test
  void ofThreeChunksAreThoseOfWholeMatrices() throws IOException {
    List<Chunk> chunks = List.of(chunk(0), chunk(1), chunk(2));
    GramAccumulator accumulated = new GramAccumulator(COLUMNS);
    CrossGram errors = new CrossGram(COLUMNS, COLUMNS);
    for (Chunk chunk : chunks) {
      accumulated.add(chunk.tokens(), chunk.inputs(), chunk.weights());
      errors.add(chunk.tokens(), chunk.errors(), chunk.inputs(), chunk.weights());
    }
    Gram gram = accumulated.finish();
    Sum squares = Sum.ofInputs(DOWN, Need.GRAM, COLUMNS, COLUMNS, false).weighted(LEAST);
    Sum products = Sum.ofInputs(DOWN, Need.INPUT_ERROR, COLUMNS, COLUMNS, false).weighted(LEAST);
    for (int s = 0; s < gram.strips(); s++) {
      assertArrayEquals(gram.strip(s).values(), strips(squares, s, s + 1, chunks).getFirst());
      assertArrayEquals(errors.strip(s).values(), strips(products, s, s + 1, chunks).getFirst());
    }
    List<double[]> all = strips(squares, 0, gram.strips(), chunks);
    for (int s = 0; s < gram.strips(); s++) {
      assertArrayEquals(gram.strip(s).values(), all.get(s));
    }
  }

  @Test
  void anInputThatIsNotFiniteIsNamed() throws IOException {
    Chunk chunk = chunk(0);
    chunk.inputs()[3 * COLUMNS + 300] = Float.NaN;
    write(chunk.files().inputs(), chunk.inputs());
    Sum squares = Sum.ofInputs(DOWN, Need.GRAM, COLUMNS, COLUMNS, false);
    assertEquals(1, strips(squares, 0, 1, List.of(chunk)).size(), "not in these columns");
    BadInputException e =
        assertThrows(BadInputException.class, () -> strips(squares, 1, 2, List.of(chunk)));
    assertTrue(
        e.getMessage().startsWith("block 4: input 300 of down is NaN or infinite"), e::getMessage);
  }

  private Chunk chunk(int index) throws IOException {
    int tokens = TOKENS[index];
    float[] inputs = normal(tokens * COLUMNS);
    float[] clean = normal(tokens * COLUMNS);
    float[] weights = new float[tokens];
    for (int t = 0; t < tokens; t++) {
      weights[t] = (float) LEAST + random.nextInt(4) / 4f;
    }
    ChunkInputs files =
        new ChunkInputs(
            index,
            false,
            StageRows.all(tokens),
            write(directory.resolve("inputs-" + index).toString(), inputs),
            write(directory.resolve("clean-" + index).toString(), clean),
            "",
            new TreeMap<>(
                Map.of(LEAST, write(directory.resolve("weights-" + index).toString(), weights))),
            null,
            "");
    return new Chunk(files, inputs, clean, weights);
  }

  private String write(String file, float[] values) throws IOException {
    NumberFiles.write(storage, storage.path(file), values, values.length);
    return file;
  }

  private float[] normal(int count) {
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return values;
  }

  /** What a task makes of strips {@code [first, end)}, as its files have it. */
  private List<double[]> strips(Sum sum, int first, int end, List<Chunk> chunks)
      throws IOException {
    ArrayList<ChunkInputs> files = new ArrayList<>();
    chunks.forEach(chunk -> files.add(chunk.files()));
    SumStrips work = new SumStrips(storage, directory.toString());
    SumStrips.Summed summed =
        work.apply(new SumStrips.Input(0, sum, first, end, "block 4", files), first + "-" + end);
    List<double[]> strips = new ArrayList<>();
    for (int s = first; s < end; s++) {
      strips.add(
          NumberFiles.readDoubles(
              storage, storage.path(summed.files().get(s - first)), sum.values(s)));
    }
    return strips;
  }
}
