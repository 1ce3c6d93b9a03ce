package io.tritmill.jobs.checkpoint;

import com.fasterxml.jackson.core.type.TypeReference;
import io.tritmill.jobs.storage.Json;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Names of the stacked tensors that the metadata of packed files tell to lie inputs first. */
public final class InputsFirst {
  /** The key of the metadata: a JSON list of names of this file. */
  public static final String KEY = "tritmill.inputs_first";

  private InputsFirst() {}

  /**
   * All of them.
   *
   * @param metadata of each file, by its URI
   */
  static Set<String> of(Map<String, Map<String, String>> metadata) {
    Set<String> names = new HashSet<>();
    metadata.forEach(
        (file, values) -> {
          String json = values.get(KEY);
          if (json != null) {
            byte[] bytes = json.getBytes(StandardCharsets.UTF_8);
            names.addAll(Json.read(file, bytes, new TypeReference<List<String>>() {}));
          }
        });
    return names;
  }
}
