package io.tritmill.jobs.calibrate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tritmill.jobs.SharedSpark;
import io.tritmill.jobs.checkpoint.SafetensorsBuilder;
import io.tritmill.jobs.checkpoint.SafetensorsBuilder.Sizes;
import io.tritmill.jobs.data.CalibrationSet;
import io.tritmill.jobs.model.ModelSource;
import io.tritmill.jobs.model.ModelSources;
import io.tritmill.jobs.storage.CheckedJson;
import io.tritmill.jobs.storage.Storage;
import io.tritmill.kernels.model.Site;
import io.tritmill.kernels.tensor.DType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.apache.spark.api.java.JavaSparkContext;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** By how much errors grow on their way to the end of the residual stream. */
@Tag("slow")
@ExtendWith(SharedSpark.class)
class GrowthTest {
  private static final Sizes SIZES = new Sizes(70, 44, 172, 3, 2, 1);

  private final Storage storage = SharedSpark.storage();

  @TempDir private Path directory;

  @Test
  void behindTheLastBlockErrorsStayAndBeforeItTheyGrow() throws IOException {
    Calibration calibration = calibration("streams");
    assertEquals(1, calibration.growth(site(2, "feed_forward")), 0);
    assertEquals(1, calibration.growth(site(2, "down")), 0);
    for (int block = 0; block < SIZES.blocks(); block++) {
      double attention = calibration.growth(site(block, "attention"));
      assertEquals(attention, calibration.growth(site(block, "output")));
      assertTrue(attention > 0.1 && attention < 1e6, block + ": " + attention);
    }
    Path file = directory.resolve("streams/growth.json");
    Growth other = new Growth(List.of(1.5, 2.0, 3.0, 4.0, 5.0, 6.0));
    Files.write(file, CheckedJson.document(other));
    assertEquals(1.5, calibration("streams").growth(site(0, "attention")));
    double measured = calibration.growth(site(0, "attention"));
    Files.writeString(file, Files.readString(file).replace("1.5", "1.6"));
    assertEquals(measured, calibration("streams").growth(site(0, "attention")));
  }

  @Test
  void anotherWalkFindsTheSame() {
    double first = calibration("first").growth(site(0, "attention"));
    assertEquals(first, calibration("second").growth(site(0, "attention")));
  }

  private Site site(int block, String name) {
    return Sites.of(source().architecture(), block, name);
  }

  private ModelSource source() {
    return ModelSources.open(storage, storage.path(directory.resolve("model").toString()));
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
