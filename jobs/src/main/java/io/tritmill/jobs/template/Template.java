package io.tritmill.jobs.template;

import io.tritmill.jobs.template.Scope.Function;
import java.time.LocalDateTime;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;

/**
 * A template that has been read, to be rendered any number of times.
 *
 * <pre>{@code
 * Template.parse("{% for m in messages %}{{ m.role }}: {{ m.content }}\n{% endfor %}")
 *     .render(Map.of("messages", List.of(Map.of("role", "user", "content", "Hi"))), now)
 * }</pre>
 */
public final class Template {
  private final Statement body;

  private Template(Statement body) {
    this.body = body;
  }

  /**
   * Reads a template.
   *
   * @throws TemplateException if it is broken, or has a part that is not known; the message names
   *     the part
   */
  public static Template parse(String text) {
    return new Template(new StatementParser(Tag.of(text)).all());
  }

  /**
   * Renders it.
   *
   * @param values null, booleans, longs, doubles, texts, and lists and maps of them, by name
   * @param now what time the template is told
   * @throws TemplateException if it refuses the values, has no way to render them, or does not end
   */
  public String render(Map<String, Object> values, LocalDateTime now) {
    Map<String, Object> all = new LinkedHashMap<>();
    all.put("raise_exception", (Function) (given, named) -> refuse(given));
    all.put("namespace", (Function) (given, named) -> new LinkedHashMap<>(named));
    all.put("dict", (Function) (given, named) -> new LinkedHashMap<>(named));
    all.put(
        "strftime_now",
        (Function)
            (given, named) ->
                Dates.format(now, given.isEmpty() ? "%Y-%m-%d" : Values.text(given.getFirst())));
    all.put("range", (Function) (given, named) -> range(given));
    all.putAll(values);
    StringBuilder out = new StringBuilder();
    try {
      body.run(new Scope(all), out);
    } catch (StackOverflowError e) {
      throw new TemplateException("macros inside one another without end");
    }
    return out.toString();
  }

  private static Object refuse(List<Object> given) {
    throw new TemplateException(
        "%s", given.isEmpty() ? "no reason given" : Values.text(given.getFirst()));
  }

  private static List<Object> range(List<Object> given) {
    if (given.isEmpty()) {
      throw new TemplateException("a range without an end");
    }
    long from = given.size() > 1 ? Values.whole(given.getFirst()) : 0;
    long to = Values.whole(given.get(given.size() > 1 ? 1 : 0));
    long step = given.size() > 2 ? Values.whole(given.get(2)) : 1;
    if (step == 0) {
      throw new TemplateException("a range of step 0");
    }
    long count = Math.max(0, Math.ceilDiv(Math.subtractExact(to, from), step));
    Scope.requireRoom(count);
    return new ArrayList<>(
        LongStream.range(0, count).mapToObj(i -> (Object) (from + i * step)).toList());
  }
}
