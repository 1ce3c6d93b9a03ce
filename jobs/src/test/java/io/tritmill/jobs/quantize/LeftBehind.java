package io.tritmill.jobs.quantize;

import io.tritmill.jobs.run.RunDirectory;
import io.tritmill.jobs.storage.Storage;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** What an attempt leaves for the next one, for tests of other packages. */
public final class LeftBehind {
  private LeftBehind() {}

  /** Sound content of planes.json. */
  public static byte[] planes() {
    return "{\"bits\": 2.5, \"layers\": {\"model.layers.0.mlp.up_proj.weight\": \"1221\"}}\n"
        .getBytes(StandardCharsets.UTF_8);
  }

  /** Reads the planes that rows have chosen, as a resumed run does. */
  public static void readPlanes(Storage storage, RunDirectory run) {
    RowChoice.read(storage, run, List.of(), remark -> {});
  }
}
