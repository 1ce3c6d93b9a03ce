package io.tritmill.jobs.calibrate;

import io.tritmill.jobs.spark.Tasks;
import io.tritmill.jobs.storage.Storage;
import io.tritmill.kernels.model.LossMetric;
import io.tritmill.kernels.model.Site;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.hadoop.fs.Path;
import org.apache.spark.api.java.JavaSparkContext;

/**
 * Makes the sums of sites of what chunks brought there: strips of columns, dealt to the tasks of
 * one job.
 */
final class SiteSums {
  /** Bytes of the strips that a task holds at a time. */
  private static final long TASK_BYTES = 256 << 20;

  /**
   * Multiply-adds that are worth a task of their own, however many cores wait: a tenth of a second.
   */
  private static final double TASK_PRODUCTS = 1L << 32;

  private final JavaSparkContext spark;
  private final Storage storage;
  private final Path directory;

  SiteSums(JavaSparkContext spark, Storage storage, Path directory) {
    this.spark = spark;
    this.storage = storage;
    this.directory = directory;
  }

  /** Makes them. */
  Map<Site, SiteStatistics> of(StageInputs stage) {
    List<ArrayList<String>> strips = new ArrayList<>();
    for (Sum sum : stage.sums()) {
      strips.add(new ArrayList<>(Collections.nCopies(sum.strips(), null)));
    }
    sumStrips(stage, strips);
    mergeHeads(stage, strips);
    Map<Site, SiteStatistics> statistics = new LinkedHashMap<>();
    for (Site site : stage.sites()) {
      ArrayList<Sum> sums = new ArrayList<>();
      ArrayList<ArrayList<String>> files = new ArrayList<>();
      for (int i = 0; i < strips.size(); i++) {
        if (stage.sums().get(i).site().equals(site)) {
          sums.add(stage.sums().get(i));
          files.add(strips.get(i));
        }
      }
      statistics.put(
          site,
          new SiteStatistics(
              stage.tokens(site, false),
              stage.tokens(site, true),
              site,
              sums,
              files,
              stage.metrics()));
    }
    return statistics;
  }

  private void sumStrips(StageInputs stage, List<ArrayList<String>> strips) {
    double products = 0;
    for (Sum sum : stage.sums()) {
      products += ofHeads(sum) ? 0 : products(stage, sum);
    }
    double share = Math.max(TASK_PRODUCTS, products / spark.defaultParallelism());
    List<SumStrips.Input> work = new ArrayList<>();
    for (int i = 0; i < stage.sums().size(); i++) {
      Sum sum = stage.sums().get(i);
      if (!ofHeads(sum)) {
        List<ChunkInputs> chunks = stage.chunks(sum.heldOut());
        long values = TASK_BYTES / Double.BYTES;
        double own = Math.max(1, products(stage, sum));
        values = Math.min(values, (long) (share / own * values(sum)));
        cut(i, sum, values, stage.where(), new ArrayList<>(chunks), work);
      }
    }
    Tasks.run(
        spark,
        stage.place() + ", sums of inputs",
        work.stream().map(List::of).toList(),
        new SumStrips(storage, directory.toString()),
        (SumStrips.Summed one) -> {
          for (int s = 0; s < one.files().size(); s++) {
            strips.get(one.index()).set(one.first() + s, one.files().get(s));
          }
        });
  }

  /** Neighbouring strips of at most so many values, but at least one. */
  private static void cut(
      int index,
      Sum sum,
      long values,
      String where,
      ArrayList<ChunkInputs> chunks,
      List<SumStrips.Input> into) {
    int end;
    for (int first = 0; first < sum.strips(); first = end) {
      long taken = sum.values(first);
      for (end = first + 1; end < sum.strips() && taken + sum.values(end) <= values; end++) {
        taken += sum.values(end);
      }
      into.add(new SumStrips.Input(index, sum, first, end, where, chunks));
    }
  }

  private static double products(StageInputs stage, Sum sum) {
    return (double) stage.tokens(sum.site(), sum.heldOut()) * values(sum);
  }

  private static long values(Sum sum) {
    return sum.valuesBefore(sum.strips());
  }

  /** Metrics of query and key are sums over heads, made by the chunks themselves. */
  private static boolean ofHeads(Sum sum) {
    return sum.metric() == LossMetric.QUERY || sum.metric() == LossMetric.KEY;
  }

  private void mergeHeads(StageInputs stage, List<ArrayList<String>> strips) {
    List<MergeStrip.Input> work = new ArrayList<>();
    ArrayList<String> chunks = new ArrayList<>();
    stage.chunks(false).forEach(chunk -> chunks.add(chunk.heads()));
    long before = 0;
    for (int i = 0; i < stage.sums().size(); i++) {
      Sum sum = stage.sums().get(i);
      if (ofHeads(sum)) {
        for (int s = 0; s < sum.strips(); s++) {
          long first = before + sum.valuesBefore(s);
          ArrayList<Long> firsts = new ArrayList<>(Collections.nCopies(chunks.size(), first));
          work.add(new MergeStrip.Input(i, s, sum.values(s), firsts, chunks));
        }
        before += values(sum);
      }
    }
    Tasks.run(
        spark,
        stage.place() + ", sums over heads",
        work.stream().map(List::of).toList(),
        new MergeStrip(storage, directory.toString()),
        (MergeStrip.Merged one) -> strips.get(one.sum()).set(one.strip(), one.file()));
  }
}
