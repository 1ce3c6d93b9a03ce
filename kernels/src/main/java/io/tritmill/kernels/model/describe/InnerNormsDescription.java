package io.tritmill.kernels.model.describe;

import io.tritmill.kernels.model.Attention;
import io.tritmill.kernels.model.Norm;
import java.util.List;

/** The norms inside an attention while it is described; there are none but those that are said. */
final class InnerNormsDescription {
  private final Decoder model;
  private final int block;
  private List<Integer> query = List.of();
  private List<Integer> key = List.of();
  private String queryName = "q_norm";
  private String keyName = "k_norm";
  private boolean rotated;
  private boolean value;
  private String result;

  InnerNormsDescription(Decoder model, int block) {
    this.model = model;
    this.block = block;
  }

  /** Shapes of the gains of queries and of keys. */
  void shapes(List<Integer> ofQueries, List<Integer> ofKeys) {
    query = ofQueries;
    key = ofKeys;
  }

  /** Queries and keys are normed behind their rotation, by norms of these names. */
  void rotated(String nameOfQueries, String nameOfKeys) {
    queryName = nameOfQueries;
    keyName = nameOfKeys;
    rotated = true;
  }

  /** Values of each head are normed, without gains. */
  void value() {
    value = true;
  }

  /** The heads' results are normed side by side, by a norm of this name. */
  void result(String name) {
    result = name;
  }

  /** Whether queries or keys are normed. */
  boolean ofScores() {
    return !query.isEmpty() || !key.isEmpty();
  }

  boolean ofValues() {
    return value;
  }

  boolean ofResults() {
    return result != null;
  }

  /**
   * Ends it.
   *
   * @param width of the heads' results side by side
   */
  Attention.InnerNorms build(int width) {
    return new Attention.InnerNorms(
        norm(queryName, "query_norm", "attn_q_norm", query),
        norm(keyName, "key_norm", "attn_k_norm", key),
        rotated,
        value ? model.plainNorm() : null,
        norm(result, "result_norm", "attn_sub_norm", ofResults() ? List.of(width) : List.of()));
  }

  private Norm norm(String name, String part, String gguf, List<Integer> shape) {
    return shape.isEmpty() ? null : model.norm(block, "self_attn." + name, part, gguf, shape);
  }
}
