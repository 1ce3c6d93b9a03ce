package io.tritmill.jobs.export;

import io.tritmill.jobs.format.PackedEntry;
import io.tritmill.jobs.model.PackedMatrices;
import io.tritmill.kernels.carrier.IntegerGrid;
import io.tritmill.kernels.carrier.ScaledIntegers;
import io.tritmill.kernels.code.PackedMatrix;
import java.util.Optional;

/**
 * A packed matrix of a run.
 *
 * @param name its name
 * @param entry what the file says of it
 * @param matrices reads it
 */
record Layer(String name, PackedEntry entry, PackedMatrices matrices) {
  int rows() {
    return entry.rows();
  }

  int columns() {
    return entry.columns();
  }

  PackedMatrix read() {
    return matrices.whole(name, entry);
  }

  /** Its levels, where they are integers times scales. */
  Optional<IntegerGrid> grid() {
    return IntegerGrid.of(entry.levels(), columns());
  }

  /** Its codes and scales, where {@link #grid} is there. */
  ScaledIntegers integers() {
    return ScaledIntegers.of(read()).orElseThrow();
  }

  /** The name of the module whose weight it is. */
  String module() {
    return name.endsWith(".weight") ? name.substring(0, name.length() - ".weight".length()) : name;
  }
}
