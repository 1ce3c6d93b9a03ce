package io.tritmill.jobs.plan;

import java.util.Locale;

/** What becomes of a tensor: every tensor of a checkpoint has one of these. */
public enum Fate {
  /** It is packed. */
  COMPRESSED,
  /** The model needs it, or may need it, and has it as it was. */
  KEPT,
  /** The model that is run has no use for it, as is known of it; it is in the output as it was. */
  PASSED_THROUGH,
  /**
   * The model's description does not explain it, and the model runs without it: if it belongs
   * there, another function is run. It is in the output as it was.
   */
  UNREAD;

  /** The word for it in tables and in JSON. */
  public String word() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** The words for people. */
  @Override
  public String toString() {
    return word().replace('_', ' ');
  }
}
