package io.tritmill.kernels.model.forward;

import io.tritmill.kernels.model.Experts;
import io.tritmill.kernels.model.FeedForward;
import io.tritmill.kernels.model.Site;
import java.util.Arrays;

/**
 * Runs mixtures of experts: the tokens of an expert are gathered, so that its matrices meet all of
 * them in one product each.
 */
final class ExpertsPass implements OperatorPass<Experts> {
  private final FeedForwardPass feedForward;
  private float[] gathered = {}; // (tokens of an expert, hidden)
  private float[] answers = {}; // (tokens of an expert, hidden)

  ExpertsPass(FeedForwardPass feedForward) {
    this.feedForward = feedForward;
  }

  @Override
  public boolean run(Experts operator, Slab slab, float[] x, float[] y) {
    Routes routes =
        slab.taps()
            .route(operator, Routing.of(operator.router(), slab.weights(), slab.tokens(), x));
    int hidden = operator.router().weight().columns();
    float[] inputs = x;
    if (operator.norm() != null) {
      inputs = new float[slab.tokens() * hidden];
      slab.weights().normalize(operator.norm(), slab.tokens(), x, inputs);
    }
    Arrays.fill(y, 0, slab.tokens() * hidden, 0);
    boolean through = true;
    for (int expert = 0; expert < operator.experts().size(); expert++) {
      int count = routes.count(expert);
      if (count > 0) {
        gather(routes, expert, hidden, inputs);
        through &= run(operator.experts().get(expert), slab, count);
        if (through) {
          add(routes, expert, hidden, y);
        }
      }
    }
    return through && !stopsAt(operator, slab.last());
  }

  /** Whether it would have stopped even if no token came to an expert. */
  private static boolean stopsAt(Experts operator, Site last) {
    FeedForward first = operator.experts().getFirst();
    return first.up().site().besides(last) || first.down().site().besides(last);
  }

  private boolean run(FeedForward expert, Slab slab, int count) {
    return feedForward.run(expert, slab.some(count), gathered, answers);
  }

  private void gather(Routes routes, int expert, int hidden, float[] x) {
    int count = routes.count(expert);
    if (gathered.length < count * hidden) {
      gathered = new float[Math.multiplyExact(count, hidden)];
      answers = new float[gathered.length];
    }
    int begin = routes.begin(expert);
    for (int i = 0; i < count; i++) {
      System.arraycopy(x, routes.tokens()[begin + i] * hidden, gathered, i * hidden, hidden);
    }
  }

  private void add(Routes routes, int expert, int hidden, float[] y) {
    int begin = routes.begin(expert);
    for (int i = 0; i < routes.count(expert); i++) {
      float weight = routes.weights()[begin + i];
      int to = routes.tokens()[begin + i] * hidden;
      int from = i * hidden;
      for (int c = 0; c < hidden; c++) {
        y[to + c] += weight * answers[from + c];
      }
    }
  }
}
