package io.tritmill.jobs.gguf;

import java.util.List;

/**
 * An array among the values of a GGUF header.
 *
 * @param count elements that it has in the file
 * @param elements those that were kept: all, or the first few
 */
public record GgufArray(long count, List<Object> elements) {
  public GgufArray {
    elements = List.copyOf(elements);
  }

  /** One whose elements are all there. */
  public static GgufArray of(List<?> elements) {
    return new GgufArray(elements.size(), List.copyOf(elements));
  }

  /** Whether all elements were kept. */
  boolean whole() {
    return elements.size() == count;
  }

  /** A phrase that sums it up. */
  public String shown() {
    return "%d elements: %s%s".formatted(count, elements, whole() ? "" : " ...");
  }
}
