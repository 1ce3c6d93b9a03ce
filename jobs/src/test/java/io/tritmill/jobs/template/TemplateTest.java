package io.tritmill.jobs.template;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.File;
import java.io.IOException;
import java.time.LocalDateTime;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Templates as Jinja renders them; {@code foreign/golden/chats.py} made the cases. */
class TemplateTest {
  private static final LocalDateTime NOW = LocalDateTime.of(2026, 7, 5, 9, 8, 7);

  static Stream<Map<String, Object>> cases() throws IOException {
    return JsonMapper.builder()
        .enable(DeserializationFeature.USE_LONG_FOR_INTS)
        .build()
        .readValue(
            new File("src/test/resources/template/chats.json"),
            new TypeReference<List<Map<String, Object>>>() {})
        .stream();
  }

  @ParameterizedTest
  @MethodSource("cases")
  void textsAreThoseOfJinja(Map<String, Object> one) {
    String template = (String) one.get("template");
    @SuppressWarnings("unchecked")
    Map<String, Object> values = (Map<String, Object>) one.get("values");
    if (one.containsKey("text")) {
      assertEquals(one.get("text"), Template.parse(template).render(values, NOW), template);
    } else {
      TemplateException refusal =
          assertThrows(TemplateException.class, () -> Template.parse(template).render(values, NOW));
      if (template.contains("raise_exception")) {
        assertEquals(one.get("refused"), refusal.getMessage());
      }
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{% for i in range(100000) %}{% for j in range(100000) %}{% endfor %}{% endfor %}",
        "{% macro f() %}{{ f() }}{% endmacro %}{{ f() }}",
        "{{ 'x' * 1000000000000 }}",
        "{% set ns = namespace(t='xxxxxxxx') %}{% for i in range(99) %}{% set ns.t = ns.t + ns.t %}{% endfor %}",
        "{% set ns = namespace(t='xxxxxxxx') %}{% for i in range(99) %}{% set ns.t = ns.t.replace('x', ns.t) %}{% endfor %}",
        "{{ range(99999999999) }}"
      })
  void whatDoesNotEndIsEnded(String template) {
    assertThrows(TemplateException.class, () -> Template.parse(template).render(Map.of(), NOW));
  }

  @Test
  void bracketsAndStatementsMayNotBeNestedWithoutEnd() {
    for (String open : new String[] {"{{ ((", "{{ [[", "{{ not not "}) {
      String nested = "{{ " + open.substring(3).repeat(20_000);
      assertThrows(TemplateException.class, () -> Template.parse(nested + " }}"), open);
    }
    String statements = "{% if a %}".repeat(20_000);
    assertThrows(TemplateException.class, () -> Template.parse(statements));
  }

  @Test
  void noChangeOfATemplateDoesMoreThanRefuse() throws IOException {
    List<String> templates = cases().map(one -> (String) one.get("template")).toList();
    List<Map<String, Object>> all = cases().toList();
    int refused = 0;
    for (int seed = 0; seed < 3000; seed++) {
      Random random = new Random(seed);
      int chosen = random.nextInt(templates.size());
      StringBuilder changed = new StringBuilder(templates.get(chosen));
      for (int i = 0; i < 1 + random.nextInt(4); i++) {
        int at = random.nextInt(changed.length());
        String other = templates.get(random.nextInt(templates.size()));
        int from = random.nextInt(other.length());
        String part = other.substring(from, Math.min(other.length(), from + random.nextInt(9)));
        changed.replace(at, Math.min(changed.length(), at + random.nextInt(4)), part);
      }
      @SuppressWarnings("unchecked")
      Map<String, Object> values = (Map<String, Object>) all.get(chosen).get("values");
      try {
        Template.parse(changed.toString()).render(values, NOW);
      } catch (TemplateException e) {
        refused++;
      } catch (RuntimeException e) {
        throw new AssertionError("seed " + seed + ": " + changed, e);
      }
    }
    assertTrue(refused > 100, refused + " refused");
  }
}
