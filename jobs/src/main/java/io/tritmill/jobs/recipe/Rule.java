package io.tritmill.jobs.recipe;

import io.tritmill.kernels.quantize.Need;
import io.tritmill.kernels.quantize.Quantizer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What becomes of the tensors that match.
 *
 * <p>A name chooses among the weights of linear modules inside blocks, so that {@code *} leaves the
 * embedding alone; what is outside them is chosen by its kind. Whatever matches may be kept.
 *
 * @param match patterns, at least one; one that matches is enough
 * @param stages records in the order in which they apply; none keeps the tensor as it is
 */
public record Rule(List<Pattern> match, List<Record> stages) {
  /**
   * A rule of stages that go together.
   *
   * @throws IllegalArgumentException if they do not
   */
  public Rule {
    if (match.isEmpty()) {
      throw new IllegalArgumentException("match is empty, expected at least one pattern");
    }
    match = List.copyOf(match);
    stages = List.copyOf(stages);
    if (!stages.isEmpty()) {
      Stages.compose(stages);
    }
  }

  /** Whether matching tensors stay byte for byte. */
  public boolean keep() {
    return stages.isEmpty();
  }

  /** Whether the rule is for a tensor. */
  public boolean matches(Target tensor) {
    boolean byName = keep() || tensor.inBlocks();
    for (Pattern pattern : match) {
      if ((byName || pattern instanceof Kind) && pattern.meets(tensor)) {
        return true;
      }
    }
    return false;
  }

  /** Why its method is not for rows of so many columns; empty where it is. */
  public Optional<String> refusal(long columns) {
    return keep()
        ? Optional.empty()
        : quantizer().refusal((int) Math.min(columns, Integer.MAX_VALUE));
  }

  /** Whether there are rows that its method is not for. */
  boolean particular() {
    return refusal(1).isPresent();
  }

  /**
   * The method that the stages make together.
   *
   * @throws IllegalStateException if the rule keeps its tensors
   */
  public Quantizer quantizer() {
    if (keep()) {
      throw new IllegalStateException("A rule that keeps its tensors has no quantizer");
    }
    return Stages.compose(stages);
  }

  /**
   * The same without the stage that asks for something, where the others go together without it.
   *
   * @return empty where no single stage can be left out so
   */
  public Optional<Rule> without(Need need) {
    for (int i = 0; i < stages.size(); i++) {
      List<Record> rest = new ArrayList<>(stages);
      rest.remove(i);
      try {
        if (!rest.isEmpty() && !Stages.compose(rest).needs().contains(need)) {
          return Optional.of(new Rule(match, rest));
        }
      } catch (IllegalArgumentException e) {
        // The others do not go together without this one.
        continue;
      }
    }
    return Optional.empty();
  }

  /** The names of the stages from left to right, joined by {@code +}; {@code keep} for none. */
  public String method() {
    return keep()
        ? "keep"
        : String.join("+", stages.stream().map(stage -> Stages.name(stage.getClass())).toList());
  }
}
