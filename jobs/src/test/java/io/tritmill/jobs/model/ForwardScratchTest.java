package io.tritmill.jobs.model;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tritmill.jobs.checkpoint.Checkpoint;
import io.tritmill.jobs.storage.Storage;
import io.tritmill.kernels.model.Architecture;
import io.tritmill.kernels.model.Sublayer;
import io.tritmill.kernels.model.forward.ForwardPass;
import io.tritmill.kernels.model.forward.ForwardScratch;
import io.tritmill.kernels.model.forward.Taps;
import java.io.IOException;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What is planned for a forward pass against the arrays that one holds, in every golden family. */
class ForwardScratchTest {
  private static final Path GOLDEN = Path.of("src/test/resources/golden");

  /** Kept to show that they cannot be run. */
  private static final Set<String> REFUSED = Set.of("gemma4-small", "granitemoehybrid", "lfm2_moe");

  static List<Path> models() throws IOException {
    try (Stream<Path> folders = Files.list(GOLDEN)) {
      return folders
          .filter(folder -> !REFUSED.contains(folder.getFileName().toString()))
          .sorted()
          .toList();
    }
  }

  @ParameterizedTest
  @MethodSource("models")
  void aPassHoldsNoMoreThanPlanned(Path folder) throws IllegalAccessException {
    Storage storage = new Storage(new Configuration(false));
    Checkpoint checkpoint = Checkpoint.open(storage, storage.path(folder.toString()));
    ModelSource source = new CheckpointSource(storage, checkpoint);
    for (int[] lengths : new int[][] {{100}, {5, 100, 40, 3, 100, 90, 100, 77, 100, 100}, {17}}) {
      int tokens = java.util.Arrays.stream(lengths).sum();
      int longest = java.util.Arrays.stream(lengths).max().orElseThrow();
      ForwardPass forward = pass(source, lengths, tokens, longest);
      long held = floats(forward, Collections.newSetFromMap(new IdentityHashMap<>()));
      long planned = ForwardScratch.floats(source.architecture(), tokens, longest);
      assertTrue(held <= planned, "held %d of %d planned".formatted(held, planned));
      assertTrue(planned <= 2 * held, "planned %d and held %d".formatted(planned, held));
    }
  }

  private static ForwardPass pass(ModelSource source, int[] lengths, int tokens, int longest) {
    Architecture model = source.architecture();
    float[] x = new float[tokens * model.hidden()];
    Random random = new Random(tokens);
    for (int i = 0; i < x.length; i++) {
      x[i] = (float) random.nextGaussian();
    }
    ForwardPass forward = new ForwardPass(model, longest);
    try (ModelReader reader = new ModelReader(source)) {
      for (Sublayer sublayer : model.sublayers()) {
        forward.run(sublayer, reader.sublayer(sublayer), x, lengths, Taps.NONE);
      }
    }
    return forward;
  }

  /** Floats of all arrays that can be reached through our own classes. */
  private static long floats(Object from, Set<Object> seen) throws IllegalAccessException {
    if (from == null || !seen.add(from)) {
      return 0;
    }
    if (from instanceof float[] array) {
      return array.length;
    }
    long floats = 0;
    if (from instanceof Object[] array) {
      for (Object one : array) {
        floats += floats(one, seen);
      }
    } else if (from instanceof java.util.Map<?, ?> map) {
      for (Object one : map.values()) {
        floats += floats(one, seen);
      }
    } else if (from.getClass().getPackageName().startsWith("io.tritmill.kernels.model.f")) {
      for (Field field : from.getClass().getDeclaredFields()) {
        if (!Modifier.isStatic(field.getModifiers()) && !field.getType().isPrimitive()) {
          field.setAccessible(true);
          floats += floats(field.get(from), seen);
        }
      }
    }
    return floats;
  }
}
