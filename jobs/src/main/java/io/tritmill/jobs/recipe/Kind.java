package io.tritmill.jobs.recipe;

import java.util.Locale;
import java.util.Set;

/** What matrices are for, so that a rule may speak of them whatever they are called. */
public enum Kind implements Pattern {
  /** A weight of a linear module inside a block that is no expert's. */
  LINEAR,
  /** A weight of an expert that a router sends tokens to. */
  EXPERTS,
  /** The rows that tokens enter by; the head too, where the two are tied. */
  EMBEDDING,
  /** The rows that logits are made by; the embedding too, where the two are tied. */
  HEAD,
  /** A matrix that the forward pass does not read, such as one of a vision tower. */
  REST;

  /** Whether something of these kinds is inside the blocks, where names choose too. */
  static boolean inBlocks(Set<Kind> kinds) {
    return kinds.contains(LINEAR) || kinds.contains(EXPERTS);
  }

  @Override
  public boolean meets(Target tensor) {
    return tensor.kinds().contains(this);
  }

  @Override
  public String toYaml() {
    return "{kind: " + name().toLowerCase(Locale.ROOT) + "}";
  }

  @Override
  public String toString() {
    return toYaml();
  }
}
