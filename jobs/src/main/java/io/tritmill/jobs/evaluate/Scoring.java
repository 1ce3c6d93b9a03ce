package io.tritmill.jobs.evaluate;

import java.io.Serializable;
import java.util.ArrayList;

/**
 * A sequence that goes through the model once, and the continuations that are scored by it.
 *
 * @param input all tokens but the last of each continuation
 * @param continuations tokens whose log-likelihoods are wanted; the last of each follows the input,
 *     and those before it are the end of the input
 */
record Scoring(int[] input, ArrayList<int[]> continuations) implements Serializable {
  private static final long serialVersionUID = 1L;

  /** The position that predicts the first token of a continuation. */
  int first(int[] continuation) {
    return input.length - continuation.length;
  }
}
