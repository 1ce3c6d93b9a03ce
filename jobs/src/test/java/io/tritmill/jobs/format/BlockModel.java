package io.tritmill.jobs.format;

import io.tritmill.jobs.Invocation;
import io.tritmill.jobs.checkpoint.SafetensorsBuilder;
import io.tritmill.jobs.checkpoint.SafetensorsBuilder.Sizes;
import io.tritmill.kernels.tensor.DType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** A checkpoint with rows of 256 and of 320 columns, and a recipe with every type of blocks. */
final class BlockModel {
  private static final Sizes SIZES = new Sizes(70, 256, 320, 2, 2, 1);

  private static final String RECIPE =
      """
      version: 1
      name: blocks
      rules:
        - match: "*.q_proj.weight"
          stages: [q2_k]
        - match: "*.k_proj.weight"
          stages: [q3_k]
        - match: "*.v_proj.weight"
          stages: [q5_k]
        - match: "*.gate_proj.weight"
          stages: [q6_k]
        - match: "*.0.mlp.up_proj.weight"
          stages: [q5_1]
        - match: "*.1.mlp.up_proj.weight"
          stages: [q4_1]
        - match: "*.0.*"
          stages: [q4_k]
        - match: "*.0.*"
          stages: [{int: {bits: 5, group: 32}}]
        - match: "*"
          stages: [q4_k]
      """;

  private BlockModel() {}

  /** Writes both, and compresses the one by the other. */
  static void compress(Path directory, Path run) throws IOException {
    Path model = directory.resolve("blocks");
    SafetensorsBuilder.writeLlama(model, SIZES, true, DType.BF16, 1);
    Path recipe = Files.writeString(directory.resolve("blocks.yaml"), RECIPE);
    Invocation.of("compress", "--model", model, "--recipe", recipe, "--output", run).exits(0);
  }
}
