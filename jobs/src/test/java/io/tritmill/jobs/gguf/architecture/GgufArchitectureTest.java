package io.tritmill.jobs.gguf.architecture;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tritmill.jobs.gguf.GgufModel;
import io.tritmill.jobs.storage.Storage;
import io.tritmill.jobs.tensor.TensorInfo;
import io.tritmill.kernels.model.family.ModelFamily;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Descriptions of architectures: names that go both ways, and families that are there. */
class GgufArchitectureTest {
  private static final Path FILES = Path.of("src/test/resources/gguf").toAbsolutePath();

  private final Storage storage = new Storage(new Configuration());

  static Stream<Path> models() throws IOException {
    try (Stream<Path> files = Files.list(FILES)) {
      return files.filter(file -> file.toString().endsWith(".gguf")).sorted().toList().stream();
    }
  }

  private GgufModel open(Path file) {
    return GgufModel.open(
        storage, List.of(storage.path(file.toString())), GgufArchitecture.wholeKeys());
  }

  /** Every tensor of the family leads back to those of the file, and all of these are led to. */
  @ParameterizedTest
  @MethodSource("models")
  void namesGoBothWays(Path file) {
    GgufModel model = open(file);
    GgufArchitecture architecture = GgufArchitecture.of(model);
    Set<String> left =
        model.tensors().stream().map(GgufModel.Tensor::name).collect(Collectors.toSet());
    left.removeIf(RopeKeys::isIn);
    for (TensorInfo tensor : architecture.tensors()) {
      if (tensor.name().contains(".act_fn.") || tensor.name().startsWith("mtp.")) {
        continue;
      }
      List<List<String>> ways = architecture.storedAs(tensor.name());
      List<List<String>> there =
          ways.stream().filter(way -> way.stream().allMatch(model::has)).toList();
      assertEquals(1, there.size(), () -> tensor.name() + " by " + ways);
      left.removeAll(there.getFirst());
    }
    left.removeIf(name -> name.contains(".nextn."));
    assertEquals(new HashSet<>(), left);
  }

  @Test
  void everyDescriptionIsOfAFamilyAndHasAModel() throws IOException {
    TreeSet<String> shown = new TreeSet<>();
    for (Path file : models().toList()) {
      GgufModel model = open(file);
      shown.add(model.keys().text("general.architecture").orElseThrow());
    }
    assertEquals(new TreeSet<>(Descriptions.names()), shown);
    for (Description description : Descriptions.ALL) {
      assertTrue(ModelFamily.of(description.modelType()).isPresent(), description.modelType());
    }
  }
}
