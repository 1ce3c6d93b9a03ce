package io.tritmill.jobs.calibrate;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tritmill.jobs.SharedSpark;
import io.tritmill.jobs.checkpoint.SafetensorsBuilder;
import io.tritmill.jobs.checkpoint.SafetensorsBuilder.Sizes;
import io.tritmill.jobs.data.CalibrationSet;
import io.tritmill.jobs.model.ModelReader;
import io.tritmill.jobs.model.ModelSource;
import io.tritmill.jobs.model.ModelSources;
import io.tritmill.jobs.model.TransformedSource;
import io.tritmill.jobs.recipe.Transforms;
import io.tritmill.jobs.storage.Storage;
import io.tritmill.kernels.linalg.Gram;
import io.tritmill.kernels.linalg.GramAccumulator;
import io.tritmill.kernels.linalg.Hadamard;
import io.tritmill.kernels.linalg.Strip;
import io.tritmill.kernels.model.AttentionCurvature;
import io.tritmill.kernels.model.BlockWeights;
import io.tritmill.kernels.model.FeedForwardCurvature;
import io.tritmill.kernels.model.LossCurvature;
import io.tritmill.kernels.model.ModelConfig;
import io.tritmill.kernels.model.ModuleMetrics;
import io.tritmill.kernels.model.Role;
import io.tritmill.kernels.model.TapSite;
import io.tritmill.kernels.model.Taps;
import io.tritmill.kernels.model.TransformerBlock;
import io.tritmill.kernels.quantize.Need;
import io.tritmill.kernels.tensor.DType;
import io.tritmill.kernels.tensor.Matrix;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import org.apache.spark.api.java.JavaSparkContext;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Metrics that went through files and tasks, against the same kernels run chunk by chunk here. */
@Tag("slow")
class OutputMetricsTest {
  private static final Sizes SIZES = new Sizes(70, 44, 300, 2, 2, 1);
  private static final int LENGTH = 37;
  private static final int BLOCK = 1;
  private static final Set<Need> NEEDS = EnumSet.of(Need.GRAM, Need.OUTPUT_METRIC);

  private final Storage storage = SharedSpark.storage();

  @TempDir private Path directory;

  @Test
  void areThoseOfTheKernels() {
    ModelSource source = source();
    CalibrationSet set = new CalibrationSet(fitted(), List.of(sequence(99)), List.of());
    List<CalibrationChunk> chunks = CalibrationChunk.cut(set, 4096);
    assertEquals(4, chunks.size(), "three fitted, one held out");
    Map<Role, Matrix> expected = expected(source, chunks.subList(0, 3));
    Map<Role, Matrix> found = found(source, set, "run");
    assertEquals(expected.keySet(), found.keySet());
    expected.forEach((role, metric) -> assertClose(metric, found.get(role), role, 1e-6f));
    Map<Role, Matrix> again = found(source, set, "again");
    found.forEach((role, metric) -> assertArrayEquals(metric.values(), again.get(role).values()));
  }

  /** Rows of query, key, gate and up are in no rotated basis; those of output and down are. */
  @Test
  void rotationsTurnTheMetricsWithTheRows() {
    ModelSource source = source();
    ModelSource turned =
        TransformedSource.of(source, new Transforms(List.of(Transforms.HADAMARD), 7));
    CalibrationSet set = new CalibrationSet(fitted(), List.of(), List.of());
    Map<Role, Matrix> plain = found(source, set, "plain");
    Map<Role, Matrix> found = found(turned, set, "turned");
    // Float roundings decide a few labels.
    for (Role role : List.of(Role.QUERY, Role.KEY, Role.GATE, Role.UP)) {
      assertClose(plain.get(role), found.get(role), role, 3e-3f);
    }
    for (Role role : List.of(Role.VALUE, Role.OUTPUT, Role.DOWN)) {
      assertEquals(1, trace(found.get(role)) / trace(plain.get(role)), 3e-3, role.name());
    }
    Matrix turnedBack = found.get(Role.OUTPUT);
    Hadamard rotation = turned.rotations().residual();
    for (int pass = 0; pass < 2; pass++) {
      rotation.invert(turnedBack.rows(), turnedBack.values(), 0, turnedBack.columns());
      turnedBack = transposed(turnedBack);
    }
    assertClose(plain.get(Role.OUTPUT), turnedBack, Role.OUTPUT, 3e-3f);
  }

  private static double trace(Matrix square) {
    double trace = 0;
    for (int i = 0; i < square.rows(); i++) {
      trace += square.values()[i * square.columns() + i];
    }
    return trace;
  }

  private static Matrix transposed(Matrix square) {
    int n = square.rows();
    Matrix transposed = Matrix.zeros(n, n);
    for (int i = 0; i < n * n; i++) {
      transposed.values()[i % n * n + i / n] = square.values()[i];
    }
    return transposed;
  }

  @Test
  void theCurvatureIsMeasuredOnce() {
    ModelSource source = source();
    CalibrationSet set = new CalibrationSet(fitted().subList(0, 5), List.of(), List.of());
    Calibration calibration = calibration(source, set, "once");
    SiteStatistics attention = moveTo(calibration, TapSite.ATTENTION);
    Calibration resumed = calibration(source, set, "once");
    SiteStatistics output = moveTo(resumed, TapSite.OUTPUT);
    assertEquals(attention.metrics().curvature(), output.metrics().curvature());
  }

  @Test
  void whoNeedsNoneGetsNone() {
    ModelSource source = source();
    CalibrationSet set = new CalibrationSet(fitted().subList(0, 5), List.of(), List.of());
    Calibration calibration = calibration(source, set, "none");
    SiteStatistics site =
        calibration.sum(
            calibration.moveTo(
                0, TapSite.ATTENTION, List.of(), List.of(), alike(EnumSet.of(Need.GRAM))));
    assertNull(site.metrics());
    assertNull(
        site.load(storage, EnumSet.of(Need.GRAM), 1, name(source, 0, Role.QUERY)).outputMetric());
  }

  private ModelSource source() {
    Path model = directory.resolve("checkpoint");
    if (!Files.exists(model)) {
      SafetensorsBuilder.writeLlama(model, SIZES, true, DType.F32, 1);
    }
    return ModelSources.open(storage, storage.path(model.toString()));
  }

  private Calibration calibration(ModelSource source, CalibrationSet set, String name) {
    org.apache.hadoop.fs.Path streams = storage.path(directory.resolve(name).toString());
    return new Calibration(
        new JavaSparkContext(SharedSpark.session().sparkContext()),
        storage,
        source,
        set,
        streams,
        streams,
        false);
  }

  private static SortedMap<Double, Set<Need>> alike(Set<Need> needs) {
    return new TreeMap<>(Map.of(1.0, needs));
  }

  private static SiteStatistics moveTo(Calibration calibration, TapSite site) {
    return calibration.sum(calibration.moveTo(BLOCK, site, List.of(), List.of(), alike(NEEDS)));
  }

  private Map<Role, Matrix> found(ModelSource source, CalibrationSet set, String name) {
    Calibration calibration = calibration(source, set, name);
    for (TapSite site : TapSite.values()) {
      calibration.moveTo(0, site, List.of(), List.of(), new TreeMap<>());
    }
    Map<Role, Matrix> found = new EnumMap<>(Role.class);
    for (TapSite site : TapSite.values()) {
      SiteStatistics statistics = moveTo(calibration, site);
      for (Role role : Role.values()) {
        if (role.linear() && TapSite.of(role) == site) {
          String tensor = name(source, BLOCK, role);
          found.put(role, statistics.load(storage, NEEDS, 1, tensor).outputMetric());
        }
      }
    }
    return found;
  }

  private static String name(ModelSource source, int block, Role role) {
    return source.specs().stream()
        .filter(spec -> spec.block() == block && spec.role() == role && !spec.bias())
        .findFirst()
        .orElseThrow()
        .name();
  }

  private Map<Role, Matrix> expected(ModelSource source, List<CalibrationChunk> chunks) {
    ModelConfig config = source.config();
    try (ModelReader reader = new ModelReader(source)) {
      Matrix m = curvature(reader, chunks);
      BlockWeights weights = reader.block(BLOCK);
      List<AttentionCurvature> attention = new ArrayList<>();
      List<Gram> gates = new ArrayList<>();
      List<Gram> ups = new ArrayList<>();
      long queries = 0;
      long products = 0;
      for (CalibrationChunk chunk : chunks) {
        TransformerBlock forward = new TransformerBlock(config, LENGTH);
        float[] x = before(reader, chunk, BLOCK);
        attention.add(new AttentionCurvature(config, LENGTH, m, weights.output().weight()));
        forward.forward(weights, x.clone(), chunk.lengths(), attention.getLast());
        GramAccumulator ofGate = new GramAccumulator(config.intermediate());
        GramAccumulator ofUp = new GramAccumulator(config.intermediate());
        FeedForwardCurvature feedForward =
            new FeedForwardCurvature(
                config,
                (count, byGate, byUp) -> {
                  ofGate.add(count, byGate);
                  ofUp.add(count, byUp);
                });
        forward.forward(weights, x, chunk.lengths(), feedForward);
        gates.add(ofGate.finish());
        ups.add(ofUp.finish());
        queries += AttentionCurvature.sampled(config, chunk.tokens());
        products += FeedForwardCurvature.sampled(chunk.tokens());
      }
      Map<Role, Matrix> metrics = new EnumMap<>(Role.class);
      metrics.put(
          Role.QUERY,
          ModuleMetrics.heads(
              sumOfStrips(attention.stream().map(AttentionCurvature::queries).toList()),
              1.0 / queries));
      metrics.put(
          Role.KEY,
          ModuleMetrics.heads(
              sumOfStrips(attention.stream().map(AttentionCurvature::keys).toList()),
              1.0 / queries));
      metrics.put(Role.VALUE, ModuleMetrics.value(config, m, weights.output().weight()));
      metrics.put(Role.OUTPUT, m);
      metrics.put(Role.DOWN, m);
      Gram gate = sumOfGrams(gates);
      Gram up = sumOfGrams(ups);
      assertEquals(products, gate.tokens());
      metrics.put(
          Role.GATE,
          ModuleMetrics.feedForward(m, weights.down().weight(), gate::strip, 1.0 / products));
      metrics.put(
          Role.UP,
          ModuleMetrics.feedForward(m, weights.down().weight(), up::strip, 1.0 / products));
      return metrics;
    }
  }

  private static Matrix curvature(ModelReader reader, List<CalibrationChunk> chunks) {
    int vocabulary = reader.config().vocabulary();
    float[] head = new float[vocabulary * reader.config().hidden()];
    reader.head(0, vocabulary, head);
    List<Gram> sums = new ArrayList<>();
    long tokens = 0;
    for (CalibrationChunk chunk : chunks) {
      float[] x = before(reader, chunk, reader.config().blocks());
      LossCurvature curvature =
          new LossCurvature(reader.config(), reader.finalNorm(), chunk.tokens(), x, 0, tokens);
      curvature.weigh(0, vocabulary, head);
      curvature.differentiate(0, vocabulary, head);
      sums.add(curvature.finish());
      tokens += chunk.tokens();
    }
    return sumOfGrams(sums).toMatrix(1.0 / tokens);
  }

  private static float[] before(ModelReader reader, CalibrationChunk chunk, int wanted) {
    float[] x = reader.embed(chunk.ids());
    TransformerBlock forward = new TransformerBlock(reader.config(), LENGTH);
    for (int block = 0; block < wanted; block++) {
      forward.forward(reader.block(block), x, chunk.lengths(), Taps.NONE);
    }
    return x;
  }

  private static Gram sumOfGrams(List<Gram> grams) {
    Gram sum = grams.getFirst();
    grams.subList(1, grams.size()).forEach(sum::add);
    return sum;
  }

  private static Strip sumOfStrips(List<Strip> strips) {
    Strip sum = strips.getFirst();
    strips.subList(1, strips.size()).forEach(sum::add);
    return sum;
  }

  private static List<int[]> fitted() {
    List<int[]> sequences = new ArrayList<>();
    for (int s = 0; s < 240; s++) {
      sequences.add(sequence(s));
    }
    return sequences;
  }

  private static int[] sequence(int seed) {
    return new Random(seed).ints(LENGTH, 0, SIZES.vocabulary()).toArray();
  }

  private static void assertClose(Matrix expected, Matrix found, Role role, float share) {
    assertEquals(expected.rows(), found.rows(), role.name());
    float largest = 0;
    for (int i = 0; i < expected.rows(); i++) {
      largest = Math.max(largest, expected.values()[i * expected.columns() + i]);
    }
    assertTrue(largest > 0, role.name());
    assertArrayEquals(expected.values(), found.values(), share * largest, role.name());
  }
}
