package io.tritmill.udf;

import java.util.Collections;
import java.util.SortedMap;
import java.util.TreeMap;

/** The table of functions: a new one is a class and a line here. */
final class KernelFunctions {
  private static final SortedMap<String, KernelFunction<?>> BY_NAME =
      table(
          new AbsmeanScale(),
          new Decode(),
          new SqnrDb(),
          new SquaredError(),
          new SumOfSquares(),
          new Ternarize(),
          new UnpackRowTrits(),
          new UnpackTrits(),
          new UnpackIntegers());

  private KernelFunctions() {}

  /** All functions, by name. */
  static SortedMap<String, KernelFunction<?>> byName() {
    return BY_NAME;
  }

  private static SortedMap<String, KernelFunction<?>> table(KernelFunction<?>... functions) {
    SortedMap<String, KernelFunction<?>> table = new TreeMap<>();
    for (KernelFunction<?> function : functions) {
      table.put(function.name(), function);
    }
    return Collections.unmodifiableSortedMap(table);
  }
}
