package io.tritmill.jobs.plan;

import java.util.Locale;

/** What becomes of a tensor: every tensor of a checkpoint has one of these. */
public enum Fate {
  /** It is packed. */
  COMPRESSED,
  /** The model needs it, or may need it, and has it as it was. */
  KEPT,
  /** It is no part of the model that is run, and is in the output as it was, under its name. */
  PASSED_THROUGH;

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
