package io.tritmill.jobs.storage;

import com.fasterxml.jackson.annotation.JsonSetter;
import com.fasterxml.jackson.annotation.Nulls;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.introspect.Annotated;
import com.fasterxml.jackson.databind.introspect.AnnotatedMember;
import com.fasterxml.jackson.databind.introspect.AnnotatedParameter;
import com.fasterxml.jackson.databind.introspect.JacksonAnnotationIntrospector;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.tritmill.jobs.failure.BadInputException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.lang.reflect.ParameterizedType;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Collection;
import java.util.Map;

/**
 * Records and maps as JSON documents, always spelled the same way.
 *
 * <p>What is read is whole: UTF-8 to the end, no component of a record is missing or null but those
 * that say {@link MayBeMissing}, no element of a list of records is null, and what a record's own
 * constructor refuses is refused here.
 */
public final class Json {
  static final JsonMapper MAPPER =
      JsonMapper.builder()
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
          .disable(DeserializationFeature.ACCEPT_FLOAT_AS_INT)
          .enable(SerializationFeature.ORDER_MAP_ENTRIES_BY_KEYS)
          .annotationIntrospector(new Whole())
          .build();

  private Json() {}

  /** One line of JSON. */
  public static String line(Object value) {
    try {
      return MAPPER.writeValueAsString(value);
    } catch (JsonProcessingException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Indented JSON that ends with a line break, in UTF-8. */
  public static byte[] document(Object value) {
    try {
      return (MAPPER.writerWithDefaultPrettyPrinter().writeValueAsString(value) + "\n")
          .getBytes(StandardCharsets.UTF_8);
    } catch (JsonProcessingException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * Reads JSON of ours.
   *
   * @param where named in the message when the content is no such JSON
   * @throws BadInputException if it is not
   */
  public static <T> T read(String where, byte[] content, TypeReference<T> type) {
    try {
      T value = MAPPER.readValue(utf8(content), type);
      if (value == null) {
        throw BadInputException.broken("%s: is null, expected a JSON document", where);
      }
      if (hasNullRecord(value, type)) {
        throw BadInputException.broken(
            "%s: is not the JSON expected here: one of its entries is null", where);
      }
      return value;
    } catch (JsonProcessingException e) {
      throw refused(where, e);
    } catch (IOException e) {
      // Read from memory: what fails is the decoder.
      throw BadInputException.broken(
          "%s: is not the JSON expected here: its bytes are no UTF-8", where);
    }
  }

  /** What to throw for JSON that is not that of a record. */
  static BadInputException refused(String where, JsonProcessingException e) {
    return BadInputException.broken(
        "%s: is not the JSON expected here: %s%s", where, place(e), reason(e));
  }

  /** Jackson would guess at UTF-16 and UTF-32 where the first bytes look like it. */
  private static Reader utf8(byte[] content) {
    return new InputStreamReader(
        new ByteArrayInputStream(content),
        StandardCharsets.UTF_8
            .newDecoder()
            .onMalformedInput(CodingErrorAction.REPORT)
            .onUnmappableCharacter(CodingErrorAction.REPORT));
  }

  /** Of lists and maps that are no component of a record. */
  private static boolean hasNullRecord(Object value, TypeReference<?> type) {
    boolean ofRecords =
        type.getType() instanceof ParameterizedType of
            && Arrays.stream(of.getActualTypeArguments())
                .anyMatch(one -> one instanceof Class<?> record && record.isRecord());
    return ofRecords
        && switch (value) {
          case Collection<?> all -> all.stream().anyMatch(one -> one == null);
          case Map<?, ?> map -> map.values().stream().anyMatch(one -> one == null);
          default -> false;
        };
  }

  /** Where in the document, by the names of components: {@code worst_layers.weight_error: }. */
  private static String place(JsonProcessingException e) {
    if (!(e instanceof JsonMappingException mapping) || mapping.getPath().isEmpty()) {
      return "";
    }
    StringBuilder place = new StringBuilder();
    for (JsonMappingException.Reference step : mapping.getPath()) {
      if (step.getFieldName() == null) {
        place.append('[').append(step.getIndex()).append(']');
      } else {
        place.append(place.isEmpty() ? "" : ".").append(step.getFieldName());
      }
    }
    return place + ": ";
  }

  /** What a record's constructor says, or Jackson without the names of our classes. */
  private static String reason(JsonProcessingException e) {
    if (e.getCause() instanceof IllegalArgumentException refused) {
      return String.valueOf(refused.getMessage());
    }
    return e.getOriginalMessage()
        .lines()
        .findFirst()
        .orElse("")
        .replaceFirst("Missing required creator property '([^']*)'.*", "$1 is missing")
        .replaceFirst("Invalid `null` value encountered for property \"([^\"]*)\".*", "$1 is null");
  }

  /** Components of records are required, unless they say otherwise. */
  private static final class Whole extends JacksonAnnotationIntrospector {
    private static final long serialVersionUID = 1L;

    @Override
    public Boolean hasRequiredMarker(AnnotatedMember member) {
      return isRequired(member) ? Boolean.TRUE : super.hasRequiredMarker(member);
    }

    @Override
    public JsonSetter.Value findSetterInfo(Annotated annotated) {
      return isRequired(annotated)
          ? JsonSetter.Value.construct(Nulls.FAIL, Nulls.FAIL)
          : super.findSetterInfo(annotated);
    }

    private static boolean isRequired(Annotated annotated) {
      return annotated instanceof AnnotatedParameter parameter
          && parameter.getDeclaringClass().isRecord()
          && !parameter.getDeclaringClass().isAnnotationPresent(MayBeMissing.class)
          && !parameter.hasAnnotation(MayBeMissing.class);
    }
  }
}
