package io.tritmill.jobs.export;

import io.tritmill.jobs.gguf.GgufTensor;
import io.tritmill.jobs.gguf.StoredTensor;
import io.tritmill.kernels.tensor.DType;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * A tensor of a GGUF file whose type is settled.
 *
 * @param name in the file
 * @param stored what it is
 * @param weights its numbers
 * @param type what they are written as
 * @param reason why it is no smaller type, or not the wanted one; null where there is nothing to
 *     tell
 * @param error ||W - W'|| / ||W|| against the weights of the run; 0 without loss
 */
record TypedTensor(
    String name,
    StoredTensor stored,
    StoredWeights weights,
    RowType type,
    String reason,
    double error) {
  /** The tensor, or a tensor for each of its planes. */
  static List<TypedTensor> of(StoredTensor stored, StoredWeights weights, GgufFormat format) {
    if (stored.single()) {
      return List.of(of(stored, weights, new RowType.Plain(DType.F32), null));
    }
    List<FamilyMatrix> matrices = weights.matrices();
    boolean packed =
        !matrices.isEmpty() && matrices.stream().allMatch(FamilyMatrix.Packed.class::isInstance);
    boolean table = GgufFormat.isTable(stored.name());
    if (format.planes()
        && packed
        && !table
        && refusal(new RowType.OfPlane(0), matrices).isEmpty()) {
      return planes(stored, weights);
    }
    String reason = null;
    for (RowType type : format.candidates(table, packed)) {
      Optional<String> refusal = refusal(type, matrices);
      if (refusal.isEmpty() && !matrices.isEmpty()) {
        return List.of(of(stored, weights, type, reason));
      }
      reason = reason == null ? refusal.orElse("is made of several tensors") : reason;
    }
    return List.of(plain(stored, weights, packed ? reason : null));
  }

  private static Optional<String> refusal(RowType type, List<FamilyMatrix> matrices) {
    return matrices.stream().map(type::refusal).flatMap(Optional::stream).findFirst();
  }

  private static TypedTensor of(
      StoredTensor stored, StoredWeights weights, RowType type, String reason) {
    return new TypedTensor(stored.name(), stored, weights, type, reason, weights.error(type));
  }

  private static List<TypedTensor> planes(StoredTensor stored, StoredWeights weights) {
    List<TypedTensor> planes = new ArrayList<>();
    for (int plane = 0; plane < weights.planes(); plane++) {
      String name = "%s.ptqtp%d".formatted(stored.name(), plane);
      planes.add(new TypedTensor(name, stored, weights, new RowType.OfPlane(plane), null, 0));
    }
    return planes;
  }

  /** As it is kept, or in the smallest type that decoded weights are exact in. */
  private static TypedTensor plain(StoredTensor stored, StoredWeights weights, String reason) {
    Set<DType> kept =
        weights.matrices().stream()
            .map(matrix -> matrix instanceof FamilyMatrix.Kept own ? own.type() : DType.F32)
            .collect(Collectors.toSet());
    if (kept.size() == 1 && !kept.contains(DType.F32)) {
      RowType type = new RowType.Plain(kept.iterator().next());
      return new TypedTensor(stored.name(), stored, weights, type, reason, 0);
    }
    for (DType smaller : List.of(DType.F16, DType.BF16)) {
      RowType type = new RowType.Plain(smaller);
      if (weights.error(type) == 0) {
        return new TypedTensor(stored.name(), stored, weights, type, reason, 0);
      }
    }
    return of(stored, weights, new RowType.Plain(DType.F32), reason);
  }

  /** As it is written. */
  GgufTensor made() {
    return new GgufTensor(name, type.type(), stored.shape(), out -> weights.write(type, out));
  }

  /** Bytes that it takes. */
  long bytes() {
    return made().bytes();
  }
}
