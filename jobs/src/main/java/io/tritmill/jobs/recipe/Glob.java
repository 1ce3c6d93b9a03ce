package io.tritmill.jobs.recipe;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * A pattern for whole tensor names: {@code *} is any run of characters, dots too, {@code ?} is one
 * character, {@code {a,b}} is either of its alternatives; all else is itself.
 *
 * <p>Compiled to a little automaton whose states advance together over the name, so that time is at
 * most the product of the two lengths, whatever the pattern. Immutable; safe for concurrent use.
 */
public final class Glob implements Pattern {
  private static final int LONGEST = 500;

  // What a state is, in place of the character that it consumes. A star consumes and stays; splits
  // and jumps consume nothing.
  private static final int ANY = -1;
  private static final int STAR = -2;
  private static final int GO = -3;
  private static final int ACCEPT = -4;

  private final String text;
  private final int[] states;
  private final int[][] targets; // of the states that are GO

  /**
   * Compiles a pattern.
   *
   * @throws IllegalArgumentException if braces do not pair or nest, if it has a character that
   *     other globs give a meaning, or if it is empty or longer than 500 characters
   */
  public Glob(String text) {
    if (text.isEmpty() || text.length() > LONGEST) {
      throw new IllegalArgumentException(
          "A pattern has 1 to %d characters, found %d".formatted(LONGEST, text.length()));
    }
    this.text = text;
    List<Integer> program = new ArrayList<>();
    List<int[]> jumps = new ArrayList<>();
    compile(text, program, jumps);
    states = program.stream().mapToInt(Integer::intValue).toArray();
    targets = new int[states.length][];
    for (int[] jump : jumps) {
      targets[jump[0]] = Arrays.copyOfRange(jump, 1, jump.length);
    }
  }

  private static void compile(String text, List<Integer> program, List<int[]> jumps) {
    int at = 0;
    while (at < text.length()) {
      char c = text.charAt(at);
      if (c != '{') {
        addCharacter(text, c, program);
        at++;
        continue;
      }
      int end = text.indexOf('}', at);
      if (end < 0) {
        throw mistake(text, "has '{' without '}'");
      }
      addAlternatives(text, text.substring(at + 1, end).split(",", -1), program, jumps);
      at = end + 1;
    }
    program.add(ACCEPT);
  }

  private static void addAlternatives(
      String text, String[] alternatives, List<Integer> program, List<int[]> jumps) {
    int[] split = new int[alternatives.length + 1];
    split[0] = program.size();
    jumps.add(split);
    program.add(GO);
    List<int[]> exits = new ArrayList<>();
    for (int a = 0; a < alternatives.length; a++) {
      split[a + 1] = program.size();
      for (int i = 0; i < alternatives[a].length(); i++) {
        addCharacter(text, alternatives[a].charAt(i), program);
      }
      exits.add(new int[] {program.size(), 0});
      program.add(GO);
    }
    for (int[] exit : exits) {
      exit[1] = program.size();
    }
    jumps.addAll(exits);
  }

  private static void addCharacter(String text, char c, List<Integer> program) {
    switch (c) {
      case '*' -> program.add(STAR);
      case '?' -> program.add(ANY);
      case '{', '}', '[', ']', '\\', '!' ->
          throw mistake(text, "has '%s' where it means nothing".formatted(c));
      default -> {
        if (Character.isISOControl(c)) {
          throw mistake(text, "has a control character");
        }
        program.add((int) c);
      }
    }
  }

  private static IllegalArgumentException mistake(String text, String what) {
    return new IllegalArgumentException(
        "Pattern %s %s; a pattern knows *, ? and {a,b}".formatted(YamlValue.shown(text), what));
  }

  @Override
  public boolean meets(Target tensor) {
    return matches(tensor.name());
  }

  @Override
  public String toYaml() {
    return Scalars.write(text);
  }

  /**
   * Whether the whole name is of this pattern; of a matrix of a stacked tensor, {@code NAME[3]},
   * whether its name or that of the whole is.
   */
  public boolean matches(String name) {
    int index = name.endsWith("]") ? name.lastIndexOf('[') : -1;
    return matchesWhole(name) || index > 0 && matchesWhole(name.substring(0, index));
  }

  private boolean matchesWhole(String name) {
    int[] now = new int[states.length];
    int[] next = new int[states.length];
    int[] stamp = new int[states.length]; // the step in which a state was entered last
    int count = enter(0, now, 0, stamp, 1);
    for (int i = 0; i < name.length() && count > 0; i++) {
      char c = name.charAt(i);
      int entered = 0;
      for (int s = 0; s < count; s++) {
        int state = now[s];
        if (states[state] == STAR) {
          entered = enter(state, next, entered, stamp, i + 2);
        } else if (states[state] == c || states[state] == ANY) {
          entered = enter(state + 1, next, entered, stamp, i + 2);
        }
      }
      int[] swap = now;
      now = next;
      next = swap;
      count = entered;
    }
    return stamp[states.length - 1] == name.length() + 1;
  }

  /** Adds a state, and those reached from it for nothing, to the set; returns the set's size. */
  private int enter(int state, int[] set, int size, int[] stamp, int step) {
    if (stamp[state] == step) {
      return size;
    }
    stamp[state] = step;
    set[size++] = state;
    if (states[state] == STAR) {
      return enter(state + 1, set, size, stamp, step);
    }
    if (states[state] == GO) {
      for (int target : targets[state]) {
        size = enter(target, set, size, stamp, step);
      }
    }
    return size;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Glob glob && glob.text.equals(text);
  }

  @Override
  public int hashCode() {
    return text.hashCode();
  }

  /** The pattern as written. */
  @Override
  public String toString() {
    return text;
  }
}
