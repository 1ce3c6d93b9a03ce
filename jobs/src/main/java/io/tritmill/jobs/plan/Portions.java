package io.tritmill.jobs.plan;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToLongFunction;

/**
 * Shares work out to tasks: each gets items that follow one another.
 *
 * <p>A Spark task costs about ten milliseconds of processor time besides its work, and the driver
 * hands out one after another, where a band of a fast method takes twenty. So tasks hold several
 * bands, but no more than a moment's work: what a task has done is lost with it.
 */
public final class Portions {
  /** Cost of a task at most, in units of {@link LayerShard#cost}, unless one item costs more. */
  static final long MOST = 1L << 26;

  /** Shares of what is left for each slot: slots end at about the same time. */
  private static final long SHARES = 4;

  private Portions() {}

  /**
   * Shares that shrink towards the end, as in guided self-scheduling (Polychronopoulos and Kuck,
   * 1987).
   *
   * @param items in the order in which they are begun
   * @param slots tasks that run at a time
   */
  public static <T> List<List<T>> guided(List<T> items, ToLongFunction<T> cost, int slots) {
    return cut(items, cost, 0, (left, made) -> Math.min(MOST, left / (SHARES * slots)));
  }

  /**
   * Shares of about the same cost.
   *
   * @param items in the order in which they are begun
   * @param tasks how many shares there are, unless there are fewer items
   */
  public static <T> List<List<T>> even(List<T> items, ToLongFunction<T> cost, int tasks) {
    int shares = Math.min(tasks, items.size());
    return cut(items, cost, shares, (left, made) -> left / (shares - made));
  }

  /**
   * The order in which shards are begun: the tensors with the most costly bands first, since what
   * is long and begins late holds all up; of like tensors one after the other, so that layers are
   * finished all the time.
   */
  public static Comparator<LayerShard> costlyFirst(List<LayerShard> shards) {
    Map<String, Long> largest = new HashMap<>();
    shards.forEach(shard -> largest.merge(shard.tensor().name(), shard.cost(), Math::max));
    return Comparator.comparingLong((LayerShard shard) -> -largest.get(shard.tensor().name()))
        .thenComparingInt(LayerShard::index);
  }

  /** What a share may cost, by the cost of all items left and the number of shares made. */
  private interface Share {
    long of(long left, int made);
  }

  private static <T> List<List<T>> cut(
      List<T> items, ToLongFunction<T> cost, int least, Share share) {
    List<List<T>> portions = new ArrayList<>();
    long left = items.stream().mapToLong(cost).sum();
    for (int next = 0; next < items.size(); ) {
      long most = share.of(left, portions.size());
      int last = items.size() - Math.max(0, least - portions.size() - 1);
      long sum = cost.applyAsLong(items.get(next));
      int end = next + 1;
      for (; end < last; end++) {
        long more = cost.applyAsLong(items.get(end));
        if (sum + more / 2 > most) {
          break;
        }
        sum += more;
      }
      portions.add(List.copyOf(items.subList(next, end)));
      left -= sum;
      next = end;
    }
    return portions;
  }
}
