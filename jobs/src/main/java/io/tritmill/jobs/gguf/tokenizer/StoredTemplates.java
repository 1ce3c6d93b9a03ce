package io.tritmill.jobs.gguf.tokenizer;

import com.fasterxml.jackson.databind.JsonNode;
import io.tritmill.jobs.gguf.GgufArray;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** How a checkpoint wants the turns of a chat to be written, one way or several with names. */
final class StoredTemplates {
  private static final String KEY = "chat_template";

  private StoredTemplates() {}

  /** The keys that hold them; none where there is no template. */
  static Map<String, Object> keys(TokenizerFiles files) {
    Map<String, Object> keys = new LinkedHashMap<>();
    JsonNode config = files.tree(TokenizerFiles.CONFIG).path(KEY);
    JsonNode other = files.tree("chat_template.json").path(KEY);
    Optional<String> text = files.text("chat_template.jinja");
    if (text.isPresent()) {
      keys.put(GgufTokenizer.TEMPLATE, text.get());
    } else if (config.isArray()) {
      addNamed(config, keys);
    } else if (config.isTextual() || other.isTextual()) {
      keys.put(GgufTokenizer.TEMPLATE, (config.isTextual() ? config : other).textValue());
    }
    return keys;
  }

  private static void addNamed(JsonNode templates, Map<String, Object> keys) {
    List<Object> names = new ArrayList<>();
    for (JsonNode one : templates) {
      String name = one.path("name").asText("");
      JsonNode template = one.path("template");
      if (name.equals("default") && template.isTextual()) {
        keys.put(GgufTokenizer.TEMPLATE, template.textValue());
      } else if (name.matches("[a-z0-9_]+") && template.isTextual() && !names.contains(name)) {
        names.add(name);
        keys.put(GgufTokenizer.TEMPLATE + "." + name, template.textValue());
      }
    }
    if (!names.isEmpty()) {
      keys.put("tokenizer.chat_templates", new GgufArray(names.size(), names));
    }
  }
}
