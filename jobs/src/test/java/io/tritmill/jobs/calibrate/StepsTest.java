package io.tritmill.jobs.calibrate;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import io.tritmill.jobs.SharedSpark;
import io.tritmill.jobs.checkpoint.SafetensorsBuilder;
import io.tritmill.jobs.checkpoint.SafetensorsBuilder.Sizes;
import io.tritmill.jobs.data.CalibrationSet;
import io.tritmill.jobs.model.ModelSource;
import io.tritmill.jobs.model.ModelSources;
import io.tritmill.jobs.spark.Tasks;
import io.tritmill.jobs.storage.Storage;
import io.tritmill.kernels.model.Site;
import io.tritmill.kernels.quantize.LayerStatistics;
import io.tritmill.kernels.quantize.Need;
import io.tritmill.kernels.tensor.DType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.apache.spark.SparkContext;
import org.apache.spark.api.java.JavaSparkContext;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Where steps begin, and what they leave behind. */
@Tag("slow")
@ExtendWith(SharedSpark.class)
class StepsTest {
  private static final Sizes SIZES = new Sizes(70, 44, 172, 3, 2, 1);
  private static final SortedMap<Double, Set<Need>> GRAM = new TreeMap<>();
  private static final SortedMap<Double, Set<Need>> NOTHING = new TreeMap<>();

  static {
    GRAM.put(1.0, Set.of(Need.GRAM));
  }

  private final Storage storage = SharedSpark.storage();

  @TempDir private Path directory;

  @Test
  void aStepFromWhereTheLastOneEndedIsTheWholeOne() {
    Calibration stops = calibration("stops");
    Calibration passes = calibration("passes");
    List<Site> sites = source().architecture().sites();
    assertEquals(4 * SIZES.blocks(), sites.size());
    for (Site site : sites) {
      StageInputs inputs = move(stops, site, GRAM);
      boolean last = site.equals(sites.getLast());
      StageInputs same = move(passes, site, last ? GRAM : NOTHING);
      float[] gram = gram(stops, inputs);
      if (last) {
        assertArrayEquals(gram(passes, same), gram);
      }
    }
  }

  @Test
  void inputsStayUntilTheyAreSummedAndTheStreamsHaveGoneOn() throws IOException {
    Calibration calibration = calibration("streams");
    int chunks = files("streams") - 1;
    move(calibration, site(0, "attention"), NOTHING);
    assertEquals(1 + chunks, files("streams"));
    StageInputs output = move(calibration, site(0, "output"), GRAM);
    assertEquals(1 + 2 * chunks, files("streams"), "the streams, and what enters output");
    StageInputs feedForward = move(calibration, site(0, "feed_forward"), GRAM);
    assertEquals(1 + 3 * chunks, files("streams"), "output's are not summed yet");
    gram(calibration, output);
    gram(calibration, feedForward);
    assertEquals(1 + chunks, files("streams"));
    StageInputs down = move(calibration, site(0, "down"), GRAM);
    gram(calibration, down);
    assertEquals(1 + 2 * chunks, files("streams"), "the streams have yet to pass down");
    move(calibration, site(1, "attention"), NOTHING);
    assertEquals(1 + chunks, files("streams"));
  }

  @Test
  void chunksOfAStepShareWhatTheyRead() {
    Calibration calibration = calibration("shared");
    SparkContext spark = SharedSpark.session().sparkContext();
    long before = Tasks.bytesRead(spark);
    move(calibration, site(0, "output"), GRAM);
    long attention = Float.BYTES * (44L * 44 + 2 * 22 * 44);
    long norm = Float.BYTES * 44L;
    assertEquals(attention + 2 * norm, Tasks.bytesRead(spark) - before);
  }

  @Test
  void streamsOfAnEarlierVersionGoOn() throws IOException {
    Calibration calibration = calibration("earlier");
    move(calibration, site(0, "attention"), NOTHING);
    move(calibration, site(0, "output"), NOTHING);
    move(calibration, site(0, "feed_forward"), NOTHING);
    Path file = directory.resolve("earlier/streams.json");
    String without = Files.readString(file).replaceAll(",\\s*\"ahead\"\\s*:\\s*\\{[^}]*\\}", "");
    assertFalse(without.contains("ahead"));
    Files.writeString(file, without);
    Files.deleteIfExists(directory.resolve("earlier/.streams.json.crc"));
    Calibration later = calibration("earlier");
    assertEquals(1, later.place());
    move(later, site(0, "down"), GRAM);
  }

  private static StageInputs move(
      Calibration calibration, Site site, SortedMap<Double, Set<Need>> needs) {
    return calibration.moveTo(List.of(site), List.of(), Map.of(site, needs));
  }

  private Site site(int block, String name) {
    return Sites.of(source().architecture(), block, name);
  }

  private ModelSource source() {
    return ModelSources.open(storage, storage.path(directory.resolve("model").toString()));
  }

  /** Makes the sums of a site, reads one and lets go of them. */
  private float[] gram(Calibration calibration, StageInputs inputs) {
    SiteStatistics sums = calibration.sum(inputs).get(inputs.sites().getFirst());
    calibration.letGo(inputs);
    LayerStatistics statistics = sums.load(storage, Set.of(Need.GRAM), 1, "");
    calibration.release(sums);
    return statistics.gram().values();
  }

  private int files(String name) throws IOException {
    try (Stream<Path> files = Files.list(directory.resolve(name))) {
      return (int) files.filter(file -> !file.getFileName().toString().startsWith(".")).count();
    }
  }

  private Calibration calibration(String name) {
    Path model = directory.resolve("model");
    if (!Files.exists(model)) {
      SafetensorsBuilder.writeLlama(model, SIZES, true, DType.F32, 1);
    }
    ModelSource source = source();
    List<int[]> sequences = new ArrayList<>();
    for (int s = 0; s < 200; s++) {
      sequences.add(new Random(s).ints(40, 0, SIZES.vocabulary()).toArray());
    }
    org.apache.hadoop.fs.Path streams = storage.path(directory.resolve(name).toString());
    return new Calibration(
        new JavaSparkContext(SharedSpark.session().sparkContext()),
        storage,
        source,
        new CalibrationSet(sequences, List.of(), List.of()),
        streams,
        streams,
        false,
        null);
  }
}
