package io.tritmill.jobs.generate;

import com.fasterxml.jackson.databind.JsonNode;
import io.tritmill.jobs.checkpoint.Checkpoint;
import io.tritmill.jobs.checkpoint.Companion;
import io.tritmill.jobs.failure.BadInputException;
import io.tritmill.jobs.storage.Storage;
import io.tritmill.jobs.template.Template;
import io.tritmill.jobs.template.TemplateException;
import java.nio.charset.StandardCharsets;
import java.time.LocalDateTime;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** How a model wants the turns of a chat to be written. */
public final class ChatTemplate {
  private static final String FILE = "chat_template.jinja";
  private static final String KEY = "chat_template";

  private final String where;
  private final Template template;
  private final Map<String, Object> names = new LinkedHashMap<>();

  /**
   * What somebody said.
   *
   * @param role {@code system}, {@code user} or {@code assistant}
   */
  public record Turn(String role, String content) {}

  private ChatTemplate(String where, String text, JsonNode config) {
    this.where = where;
    try {
      template = Template.parse(text);
    } catch (TemplateException e) {
      throw unknown(e);
    }
    for (String name : List.of("bos_token", "eos_token", "unk_token", "pad_token")) {
      JsonNode token = config.path(name);
      String content = token.isObject() ? token.path("content").asText() : token.asText("");
      names.put(name, token.isMissingNode() || token.isNull() ? null : content);
    }
    names.put("tools", null);
    names.put("documents", null);
    names.put("add_generation_prompt", true);
  }

  private BadInputException unknown(TemplateException e) {
    return BadInputException.unsupported(
        "%s: its chat template cannot be used: it has %s; give --prompt without --chat",
        where, e.getMessage());
  }

  /**
   * Finds the template among the files beside the weights: chat_template.jinja, or that of
   * tokenizer_config.json, or of a GGUF file.
   *
   * @throws BadInputException if there is none, or it cannot be read
   */
  public static ChatTemplate read(Storage storage, Checkpoint checkpoint) {
    JsonNode config = SpecialTokens.file(storage, checkpoint, "tokenizer_config.json");
    String where = checkpoint.directory().toString();
    for (Companion companion : checkpoint.companions()) {
      if (companion.name().equals(FILE)) {
        String text = new String(companion.read(storage), StandardCharsets.UTF_8);
        return new ChatTemplate(where, text, config);
      }
    }
    return found(config.path(KEY))
        .map(text -> new ChatTemplate(where, text, config))
        .orElseThrow(
            () ->
                BadInputException.unsupported(
                    "%s: has no chat template (%s, or %s in tokenizer_config.json), expected one for"
                        + " --chat; give --prompt without --chat",
                    where, FILE, KEY));
  }

  /** The template, or of several with names the one called default. */
  private static Optional<String> found(JsonNode given) {
    if (given.isTextual()) {
      return Optional.of(given.textValue());
    }
    for (JsonNode one : given) {
      if (one.path("name").asText().equals("default") && one.path("template").isTextual()) {
        return Optional.of(one.path("template").textValue());
      }
    }
    return Optional.empty();
  }

  /**
   * The text of a chat, up to where the assistant goes on.
   *
   * @throws BadInputException if the template does not take these turns
   */
  public String render(List<Turn> turns) {
    List<Object> messages = new ArrayList<>();
    for (Turn turn : turns) {
      Map<String, Object> message = new LinkedHashMap<>();
      message.put("role", turn.role());
      message.put("content", turn.content());
      messages.add(message);
    }
    Map<String, Object> values = new LinkedHashMap<>(names);
    values.put("messages", messages);
    try {
      return template.render(values, LocalDateTime.now());
    } catch (TemplateException e) {
      throw unknown(e);
    }
  }
}
