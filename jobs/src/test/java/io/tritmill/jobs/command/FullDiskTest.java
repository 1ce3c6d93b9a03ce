package io.tritmill.jobs.command;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tritmill.jobs.FullDisk;
import io.tritmill.jobs.Invocation;
import io.tritmill.jobs.SharedSpark;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a run leaves where room runs out. */
@Tag("slow")
@ExtendWith(SharedSpark.class)
class FullDiskTest {
  /** Wherever room runs out, the run can be finished once there is some. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        ".*plan.json.*",
        ".*[.]part[.].*",
        ".*00001.json.*",
        ".*model.safetensors.*",
        ".*part-.*parquet.*",
        ".*MANIFEST.json.*",
        ".*_SUCCESS.*"
      })
  void aFullDiskIsAConflictAndLeavesWhatCanBeFinished(String names, @TempDir Path directory) {
    TinyModel tiny = TinyModel.in(directory);
    Configuration configuration = SharedSpark.session().sparkContext().hadoopConfiguration();
    Object[] command = tiny.compressInto(FullDisk.path(tiny.output()));
    FullDisk.configure(configuration, names);
    try {
      Invocation refused = Invocation.of(command).exits(6);

      assertTrue(
          refused.err().contains("No space left on device: free some room and run the same"),
          refused.err());
      assertFalse(refused.err().contains("\tat "), refused.err());
      assertFalse(Files.exists(tiny.output().resolve("_SUCCESS")));

      FullDisk.configure(configuration, "");
      Invocation.of(command).exits(0);
      Invocation.of("verify", FullDisk.path(tiny.output()), "--layers", 100).exits(0);
    } finally {
      FullDisk.forget(configuration);
    }
  }
}
