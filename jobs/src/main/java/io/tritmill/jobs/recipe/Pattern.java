package io.tritmill.jobs.recipe;

/** What a rule finds its tensors by: their names, or what they are. */
public sealed interface Pattern permits Glob, Kind {
  /** Whether a tensor is meant. */
  boolean meets(Target tensor);

  /** The pattern as a recipe has it in a list. */
  String toYaml();
}
