package io.tritmill.jobs.calibrate;

import io.tritmill.jobs.calibrate.stream.HeldFiles;
import io.tritmill.jobs.calibrate.stream.HiddenError;
import io.tritmill.jobs.calibrate.stream.StreamFiles;
import io.tritmill.jobs.calibrate.stream.Streams;
import io.tritmill.jobs.data.CalibrationSet;
import io.tritmill.jobs.model.ModelSource;
import io.tritmill.jobs.model.SharedMatrices;
import io.tritmill.jobs.spark.Tasks;
import io.tritmill.jobs.storage.Storage;
import io.tritmill.kernels.model.Architecture;
import io.tritmill.kernels.model.Site;
import io.tritmill.kernels.model.Sublayer;
import io.tritmill.kernels.quantize.Need;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import org.apache.hadoop.fs.Path;
import org.apache.spark.api.java.JavaSparkContext;

/**
 * A calibration set on its way through a model: from site to site, block after block.
 *
 * <p>At a site the sums that layers need are made over all chunks, on the outputs of what was
 * compressed before. The streams stand in files after each sublayer, so that a run that was killed
 * goes on from there.
 */
public final class Calibration {
  private final JavaSparkContext spark;
  private final Storage storage;
  private final Architecture model;
  private final List<CalibrationChunk> chunks;
  private final Path directory;
  private final boolean weighsTokens;
  private final EmbedChunk embed;
  private final HeldFiles files;
  private final Streams streams;
  private final SiteSums siteSums;
  private final Curvature curvature;
  private final ModelSource source;
  private Growth growth;

  /**
   * Begins, or goes on from where an earlier attempt in this directory was.
   *
   * @param source the full-precision model, transformed as the recipe says
   * @param directory of this model, recipe and set alone
   * @param shared directory of what does not depend on how far the streams are: the same for all
   *     calibrations of a run
   * @param weighsTokens whether a layer asks for tokens weighted by the attention that they get
   * @param packed the embedding that the compressed stream begins with; null where it is that of
   *     the full-precision model
   */
  public Calibration(
      JavaSparkContext spark,
      Storage storage,
      ModelSource source,
      CalibrationSet set,
      Path directory,
      Path shared,
      boolean weighsTokens,
      SolvedLayer packed) {
    this.spark = spark;
    this.storage = storage;
    this.directory = directory;
    this.source = source;
    model = source.architecture();
    chunks = CalibrationChunk.cut(set, CalibrationSet.chunkTokens(model.blockProducts()));
    this.weighsTokens = weighsTokens;
    files = new HeldFiles(storage);
    streams = new Streams(storage, files, directory);
    siteSums = new SiteSums(spark, storage, directory);
    embed = new EmbedChunk(storage, source, directory.toString(), packed);
    curvature = new Curvature(spark, storage, source, fitted(), shared);
    if (!streams.resume(chunks.size())) {
      restart();
    }
  }

  /** Goes back to what enters the first block. */
  public void restart() {
    List<StreamFiles> begun = new ArrayList<>(Collections.nCopies(chunks.size(), null));
    Tasks.run(
        spark,
        "embed %d chunks of calibration sequences".formatted(chunks.size()),
        chunks.stream().map(List::of).toList(),
        embed,
        (StreamFiles one) -> begun.set(one.chunk(), one));
    streams.restart(begun);
  }

  /** The compressed stream's error behind each block that was left while it differed. */
  public Map<Integer, HiddenError> hidden() {
    return streams.hidden();
  }

  /** How many sublayers the streams have passed; all of them where they stand at the head. */
  public int place() {
    return streams.current().getFirst().place();
  }

  /**
   * By how much the damage of an error grows that a layer makes at a site: measured with its output
   * metric, to which later blocks are nothing but the identity.
   */
  public double growth(Site site) {
    if (growth == null) {
      growth =
          Growth.measure(
              spark,
              storage,
              source,
              fitted(),
              curvature.measure(),
              new Path(directory, "growth.json"));
    }
    return growth.sublayers().get(site.sublayer());
  }

  /**
   * Moves the streams to the sites of a stage and keeps what the sums are made of that their layers
   * need.
   *
   * @param solved compressed layers from where the streams are to the stage
   * @param needs what the open layers of each site need, by the least weight of a token in the
   *     sums; empty to only move on
   */
  public StageInputs moveTo(
      List<Site> stage, List<SolvedLayer> solved, Map<Site, SortedMap<Double, Set<Need>>> needs) {
    boolean needMetrics = needs.values().stream().anyMatch(Calibration::needMetrics);
    LastStream stream = needMetrics ? curvature.measure() : null;
    OutputMetrics metrics = stream == null ? null : curvature.metrics(stream);
    List<Sum> sums = new ArrayList<>();
    stage.forEach(site -> sums.addAll(sums(site, needs.getOrDefault(site, new TreeMap<>()))));
    List<GatherChunk.Input> inputs = new ArrayList<>();
    for (CalibrationChunk chunk : chunks) {
      List<Sum> own = sums.stream().filter(sum -> sum.heldOut() == chunk.heldOut()).toList();
      inputs.add(
          new GatherChunk.Input(
              chunk,
              streams.current().get(chunk.index()),
              stage.getFirst(),
              new ArrayList<>(solved),
              new ArrayList<>(own),
              stream));
    }
    StageInputs place = new StageInputs(model.blocks(), stage, sums, List.of(), metrics);
    List<GatherChunk.Gathered> gathered = gather(place.place() + ", inputs", inputs);
    List<ChunkInputs> brought = gathered.stream().map(GatherChunk.Gathered::inputs).toList();
    brought.forEach(chunk -> files.hold(chunk.files()));
    return new StageInputs(model.blocks(), stage, sums, brought, metrics);
  }

  /**
   * Makes the sums of some sites of a stage, which may happen while the streams go on.
   *
   * @return where they lie
   */
  public Map<Site, SiteStatistics> sum(StageInputs portion) {
    return siteSums.of(portion);
  }

  /** Lets go of what chunks brought to a stage, when all its sums are made. */
  public void letGo(StageInputs stage) {
    stage.chunks().forEach(chunk -> files.letGo(chunk.files()));
  }

  /**
   * Leaves the last sublayer.
   *
   * @param solved compressed layers of it
   */
  public void finish(List<SolvedLayer> solved) {
    List<GatherChunk.Input> inputs = new ArrayList<>();
    for (CalibrationChunk chunk : chunks) {
      inputs.add(
          new GatherChunk.Input(
              chunk,
              streams.current().get(chunk.index()),
              null,
              new ArrayList<>(solved),
              new ArrayList<>(),
              null));
    }
    gather("leave the last block", inputs);
  }

  private List<GatherChunk.Gathered> gather(String description, List<GatherChunk.Input> inputs) {
    List<GatherChunk.Gathered> gathered = new ArrayList<>(Collections.nCopies(chunks.size(), null));
    Tasks.run(
        spark,
        description,
        inputs.stream().map(List::of).toList(),
        new GatherChunk(storage, source, directory.toString(), weighsTokens, new SharedMatrices()),
        (GatherChunk.Gathered one) -> gathered.set(one.streams().chunk(), one));
    List<StreamFiles> moved = gathered.stream().map(GatherChunk.Gathered::streams).toList();
    int passed = moved.getFirst().place() - 1;
    int block = passed < 0 ? -1 : model.sublayers().get(passed).block();
    streams.replace(moved, block, hidden(gathered));
    return gathered;
  }

  /** The sum over fitted chunks, in their order; null if the streams left no block. */
  private HiddenError hidden(List<GatherChunk.Gathered> gathered) {
    HiddenError total = HiddenError.NONE;
    for (CalibrationChunk chunk : chunks) {
      HiddenError error = gathered.get(chunk.index()).hidden();
      if (error == null) {
        return null;
      }
      total = chunk.heldOut() ? total : total.plus(error);
    }
    return total;
  }

  /** Those of fitted tokens, then those of the tokens set aside, if there are any. */
  private List<Sum> sums(Site site, SortedMap<Double, Set<Need>> needs) {
    List<Sum> sums = new ArrayList<>();
    needs.forEach((least, asked) -> sums.addAll(sumsOverInputs(site, asked, false, least)));
    if (needMetrics(needs)) {
      sums.addAll(OutputMetrics.sums(model, site));
    }
    if (chunks.getLast().heldOut()) {
      needs.forEach((least, asked) -> sums.addAll(sumsOverInputs(site, asked, true, least)));
    }
    return sums;
  }

  private static boolean needMetrics(SortedMap<Double, Set<Need>> needs) {
    return needs.values().stream().anyMatch(asked -> asked.contains(Need.OUTPUT_METRIC));
  }

  private List<Sum> sumsOverInputs(
      Site site, Set<Need> needs, boolean heldOut, double leastWeight) {
    int columns = site.width();
    List<Sum> sums = new ArrayList<>();
    sums.add(Sum.ofInputs(site, Need.GRAM, columns, columns, heldOut));
    if (needs.contains(Need.INPUT_ERROR)) {
      sums.add(Sum.ofInputs(site, Need.INPUT_ERROR, columns, columns, heldOut));
    }
    if (needs.contains(Need.RESIDUAL_ERROR) && addsToStream(site)) {
      sums.add(Sum.ofInputs(site, Need.RESIDUAL_ERROR, model.hidden(), columns, heldOut));
    }
    sums.replaceAll(sum -> sum.weighted(leastWeight));
    return sums;
  }

  /** Whether what a module puts out is what the stream gets. */
  private boolean addsToStream(Site site) {
    if (!model.endsSublayer(site)) {
      return false;
    }
    Sublayer sublayer = model.sublayer(site);
    return sublayer.after() == null && sublayer.multiplier() == 1;
  }

  private List<CalibrationChunk> fitted() {
    return chunks.stream().filter(chunk -> !chunk.heldOut()).toList();
  }

  /** Deletes the files of sums that no layer waits for any more. */
  public void release(SiteStatistics statistics) {
    statistics.files().forEach(strips -> strips.forEach(file -> storage.delete(new Path(file))));
  }
}
