package io.tritmill.jobs.storage;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tritmill.jobs.failure.BadInputException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Records that carry a checksum of their own numbers, in {@value #CHECKSUM}: no manifest vouches
 * for what lies in an unfinished run.
 *
 * <p>The checksum is of the record as one line of JSON, so that it does not depend on how the
 * document is laid out.
 */
public final class CheckedJson {
  static final String CHECKSUM = "checksum";

  private CheckedJson() {}

  /** A document of one record. */
  public static byte[] document(Record value) {
    return Json.document(checked(value));
  }

  /** A document of several. */
  public static byte[] document(List<? extends Record> values) {
    return Json.document(values.stream().map(CheckedJson::checked).toList());
  }

  private static ObjectNode checked(Record value) {
    ObjectNode node = Json.MAPPER.valueToTree(value);
    return node.put(CHECKSUM, checksum(value));
  }

  private static String checksum(Object value) {
    return Checksums.sha256(Json.line(value).getBytes(StandardCharsets.UTF_8));
  }

  /**
   * Reads a record; empty where its numbers are not those that were written.
   *
   * @param where named in the sentences
   * @param spoiled gets a sentence that says why there is none
   */
  public static <T extends Record> Optional<T> read(
      String where, byte[] content, Class<T> type, Consumer<String> spoiled) {
    try {
      JsonNode node = Json.read(where, content, new TypeReference<JsonNode>() {});
      return one(where, node, type, spoiled);
    } catch (BadInputException e) {
      spoiled.accept(e.getMessage());
      return Optional.empty();
    }
  }

  /**
   * Reads records; those whose numbers are not the ones that were written are left out.
   *
   * @param where named in the sentences
   * @param spoiled gets a sentence for each that is left out, and one for all that an earlier
   *     release wrote
   */
  public static <T extends Record> List<T> readAll(
      String where, byte[] content, Class<T> type, Consumer<String> spoiled) {
    List<T> values = new ArrayList<>();
    try {
      List<JsonNode> nodes = Json.read(where, content, new TypeReference<List<JsonNode>>() {});
      if (!nodes.isEmpty() && nodes.stream().noneMatch(node -> node.has(CHECKSUM))) {
        spoiled.accept(where + ": has no checksums of its entries, an earlier release wrote it");
        return values;
      }
      for (int i = 0; i < nodes.size(); i++) {
        one("%s: entry %d".formatted(where, i + 1), nodes.get(i), type, spoiled)
            .ifPresent(values::add);
      }
    } catch (BadInputException e) {
      spoiled.accept(e.getMessage());
    }
    return values;
  }

  private static <T extends Record> Optional<T> one(
      String where, JsonNode node, Class<T> type, Consumer<String> spoiled) {
    if (!(node instanceof ObjectNode object) || !object.path(CHECKSUM).isTextual()) {
      spoiled.accept(where + ": has no checksum, an earlier release wrote it");
      return Optional.empty();
    }
    String expected = object.remove(CHECKSUM).textValue();
    try {
      T value = Json.MAPPER.treeToValue(object, type);
      if (checksum(value).equals(expected)) {
        return Optional.of(value);
      }
      spoiled.accept(where + ": does not have its own checksum, it was changed");
    } catch (JsonProcessingException e) {
      spoiled.accept(Json.refused(where, e).getMessage());
    }
    return Optional.empty();
  }
}
