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
import io.tritmill.kernels.model.Architecture;
import io.tritmill.kernels.model.Attention;
import io.tritmill.kernels.model.FeedForward;
import io.tritmill.kernels.model.Module;
import io.tritmill.kernels.model.Site;
import io.tritmill.kernels.model.Sublayer;
import io.tritmill.kernels.model.forward.ForwardPass;
import io.tritmill.kernels.model.forward.SublayerWeights;
import io.tritmill.kernels.model.forward.Taps;
import io.tritmill.kernels.model.loss.AttentionCurvature;
import io.tritmill.kernels.model.loss.FeedForwardCurvature;
import io.tritmill.kernels.model.loss.LossCurvature;
import io.tritmill.kernels.model.loss.ModuleMetrics;
import io.tritmill.kernels.quantize.Need;
import io.tritmill.kernels.tensor.DType;
import io.tritmill.kernels.tensor.Matrix;
import io.tritmill.kernels.tensor.WeightRows;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
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
    Map<String, Matrix> expected = expected(source, chunks.subList(0, 3));
    Map<String, Matrix> found = found(source, set, "run");
    assertEquals(expected.keySet(), found.keySet());
    expected.forEach((part, metric) -> assertClose(metric, found.get(part), part, 1e-6f));
    Map<String, Matrix> again = found(source, set, "again");
    found.forEach((part, metric) -> assertArrayEquals(metric.values(), again.get(part).values()));
  }

  /** Rows of query, key, gate and up are in no rotated basis; those of output and down are. */
  @Test
  void rotationsTurnTheMetricsWithTheRows() {
    ModelSource source = source();
    ModelSource turned =
        TransformedSource.of(source, new Transforms(List.of(Transforms.HADAMARD), 7));
    CalibrationSet set = new CalibrationSet(fitted(), List.of(), List.of());
    Map<String, Matrix> plain = found(source, set, "plain");
    Map<String, Matrix> found = found(turned, set, "turned");
    // Float roundings decide a few labels.
    for (String part : List.of("query", "key", "gate", "up")) {
      assertClose(plain.get(part), found.get(part), part, 3e-3f);
    }
    for (String part : List.of("value", "output", "down")) {
      assertEquals(1, trace(found.get(part)) / trace(plain.get(part)), 3e-3, part);
    }
    Matrix turnedBack = found.get("output");
    Hadamard rotation = turned.rotations().residual();
    for (int pass = 0; pass < 2; pass++) {
      rotation.invert(turnedBack.rows(), turnedBack.values(), 0, turnedBack.columns());
      turnedBack = transposed(turnedBack);
    }
    assertClose(plain.get("output"), turnedBack, "output", 3e-3f);
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
    SiteStatistics attention =
        moveTo(calibration, Sites.of(source.architecture(), BLOCK, "attention"));
    Calibration resumed = calibration(source, set, "once");
    SiteStatistics output = moveTo(resumed, Sites.of(source.architecture(), BLOCK, "output"));
    assertEquals(attention.metrics().curvature(), output.metrics().curvature());
  }

  @Test
  void whoNeedsNoneGetsNone() {
    ModelSource source = source();
    CalibrationSet set = new CalibrationSet(fitted().subList(0, 5), List.of(), List.of());
    Calibration calibration = calibration(source, set, "none");
    SiteStatistics site =
        moveTo(calibration, Sites.of(source.architecture(), 0, "attention"), EnumSet.of(Need.GRAM));
    assertNull(site.metrics());
    assertNull(
        site.load(storage, EnumSet.of(Need.GRAM), 1, name(source, 0, "query")).outputMetric());
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
        false,
        null);
  }

  private static SortedMap<Double, Set<Need>> alike(Set<Need> needs) {
    return new TreeMap<>(Map.of(1.0, needs));
  }

  private static SiteStatistics moveTo(Calibration calibration, Site site) {
    return moveTo(calibration, site, NEEDS);
  }

  private static SiteStatistics moveTo(Calibration calibration, Site site, Set<Need> needs) {
    StageInputs inputs = calibration.moveTo(List.of(site), List.of(), Map.of(site, alike(needs)));
    SiteStatistics statistics = calibration.sum(inputs).get(site);
    calibration.letGo(inputs);
    return statistics;
  }

  private Map<String, Matrix> found(ModelSource source, CalibrationSet set, String name) {
    Calibration calibration = calibration(source, set, name);
    Architecture model = source.architecture();
    for (Site site : model.sites()) {
      if (site.block() < BLOCK) {
        calibration.moveTo(List.of(site), List.of(), Map.of());
      }
    }
    Map<String, Matrix> found = new HashMap<>();
    for (Site site : model.sites()) {
      if (site.block() == BLOCK) {
        SiteStatistics statistics = moveTo(calibration, site);
        for (Module module : model.modules()) {
          if (module.site().equals(site)) {
            String tensor = module.weight().name();
            found.put(
                module.weight().part(), statistics.load(storage, NEEDS, 1, tensor).outputMetric());
          }
        }
      }
    }
    return found;
  }

  private static String name(ModelSource source, int block, String part) {
    return Sites.module(source.architecture(), block, part).weight().name();
  }

  private Map<String, Matrix> expected(ModelSource source, List<CalibrationChunk> chunks) {
    Architecture model = source.architecture();
    Sublayer first = model.sublayers().get(2 * BLOCK);
    Sublayer second = model.sublayers().get(2 * BLOCK + 1);
    Attention attending = (Attention) first.operator();
    FeedForward feeding = (FeedForward) second.operator();
    try (ModelReader reader = new ModelReader(source)) {
      Matrix m = curvature(reader, chunks);
      SublayerWeights ofFirst = reader.sublayer(first);
      SublayerWeights ofSecond = reader.sublayer(second);
      WeightRows output = ofFirst.linear(attending.output()).weight();
      WeightRows down = ofSecond.linear(feeding.down()).weight();
      List<AttentionCurvature> attention = new ArrayList<>();
      List<Gram> gates = new ArrayList<>();
      List<Gram> ups = new ArrayList<>();
      long queries = 0;
      long products = 0;
      for (CalibrationChunk chunk : chunks) {
        ForwardPass forward = new ForwardPass(model, LENGTH);
        float[] x = before(reader, chunk, 2 * BLOCK);
        attention.add(new AttentionCurvature(attending, LENGTH, m, output));
        forward.run(first, ofFirst, x, chunk.lengths(), attention.getLast());
        GramAccumulator ofGate = new GramAccumulator(feeding.width());
        GramAccumulator ofUp = new GramAccumulator(feeding.width());
        FeedForwardCurvature feedForward =
            new FeedForwardCurvature(
                feeding,
                (count, byGate, byUp) -> {
                  ofGate.add(count, byGate);
                  ofUp.add(count, byUp);
                });
        forward.run(second, ofSecond, x, chunk.lengths(), feedForward);
        gates.add(ofGate.finish());
        ups.add(ofUp.finish());
        queries += AttentionCurvature.sampled(attending, chunk.tokens());
        products += FeedForwardCurvature.sampled(chunk.tokens());
      }
      Map<String, Matrix> metrics = new HashMap<>();
      metrics.put(
          "query",
          ModuleMetrics.heads(
              sumOfStrips(attention.stream().map(AttentionCurvature::queries).toList()),
              1.0 / queries));
      metrics.put(
          "key",
          ModuleMetrics.heads(
              sumOfStrips(attention.stream().map(AttentionCurvature::keys).toList()),
              1.0 / queries));
      metrics.put("value", ModuleMetrics.value(attending, m, output));
      metrics.put("output", m);
      metrics.put("down", m);
      Gram gate = sumOfGrams(gates);
      Gram up = sumOfGrams(ups);
      assertEquals(products, gate.tokens());
      metrics.put("gate", ModuleMetrics.feedForward(m, down, gate::strip, 1.0 / products));
      metrics.put("up", ModuleMetrics.feedForward(m, down, up::strip, 1.0 / products));
      return metrics;
    }
  }

  private static Matrix curvature(ModelReader reader, List<CalibrationChunk> chunks) {
    int vocabulary = reader.architecture().vocabulary();
    float[] head = new float[vocabulary * reader.architecture().hidden()];
    reader.head(0, vocabulary, head);
    List<Gram> sums = new ArrayList<>();
    long tokens = 0;
    for (CalibrationChunk chunk : chunks) {
      float[] x = before(reader, chunk, reader.architecture().sublayers().size());
      LossCurvature curvature =
          new LossCurvature(
              reader.architecture(), reader.finalNorm(), chunk.tokens(), x, 0, tokens);
      curvature.weigh(0, vocabulary, head);
      curvature.differentiate(0, vocabulary, head);
      sums.add(curvature.finish());
      tokens += chunk.tokens();
    }
    return sumOfGrams(sums).toMatrix(1.0 / tokens);
  }

  private static float[] before(ModelReader reader, CalibrationChunk chunk, int wanted) {
    float[] x = reader.embed(chunk.ids());
    ForwardPass forward = new ForwardPass(reader.architecture(), LENGTH);
    for (Sublayer sublayer : reader.architecture().sublayers().subList(0, wanted)) {
      forward.run(sublayer, reader.sublayer(sublayer), x, chunk.lengths(), Taps.NONE);
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

  private static void assertClose(Matrix expected, Matrix found, String part, float share) {
    assertEquals(expected.rows(), found.rows(), part);
    float largest = 0;
    for (int i = 0; i < expected.rows(); i++) {
      largest = Math.max(largest, expected.values()[i * expected.columns() + i]);
    }
    assertTrue(largest > 0, part);
    assertArrayEquals(expected.values(), found.values(), share * largest, part);
  }
}
