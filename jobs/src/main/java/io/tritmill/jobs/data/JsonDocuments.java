package io.tritmill.jobs.data;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.tritmill.jobs.failure.BadInputException;
import io.tritmill.jobs.storage.Storage;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.zip.ZipException;
import org.apache.hadoop.fs.Path;

/** A file with a JSON object a line; blank lines are passed over. */
final class JsonDocuments implements DocumentReader {
  private static final int LINE_LIMIT = 64 << 20;
  private static final ObjectMapper JSON =
      new ObjectMapper(
              JsonFactory.builder()
                  .streamReadConstraints(
                      StreamReadConstraints.builder().maxStringLength(LINE_LIMIT).build())
                  .build())
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

  private final Path file;
  private final InputStream in;
  private final Optional<String> wanted;
  private String column;
  private Document empty = new Document.Text("");
  private long line;

  private JsonDocuments(Path file, InputStream in, Optional<String> wanted) {
    this.file = file;
    this.in = in;
    this.wanted = wanted;
  }

  static JsonDocuments open(Storage storage, Path file, Optional<String> column) {
    return new JsonDocuments(
        file, new BufferedInputStream(Gzip.open(storage, file), 1 << 16), column);
  }

  @Override
  public Optional<Document> next() {
    try {
      for (byte[] text = line(); text != null; text = line()) {
        if (!new String(text, StandardCharsets.ISO_8859_1).isBlank()) {
          return Optional.of(document(text));
        }
      }
      return Optional.empty();
    } catch (EOFException | ZipException e) {
      throw BadInputException.broken("%s: is no complete gzip file", file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The next line without its end, or null after the last. */
  private byte[] line() throws IOException {
    line++;
    int next = in.read();
    if (next < 0) {
      return null;
    }
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    while (next >= 0 && next != '\n') {
      if (bytes.size() == LINE_LIMIT) {
        throw broken("the line has more than %d bytes".formatted(LINE_LIMIT));
      }
      bytes.write(next);
      next = in.read();
    }
    return bytes.toByteArray();
  }

  private Document document(byte[] text) throws IOException {
    JsonNode object;
    try {
      object = JSON.readTree(text);
    } catch (JsonProcessingException e) {
      throw broken("is no JSON object (%s)".formatted(reason(e)));
    }
    if (object == null || !object.isObject()) {
      throw broken("is no JSON object");
    }
    if (column == null || !object.has(column)) {
      List<String> keys = new ArrayList<>();
      object.fieldNames().forEachRemaining(keys::add);
      column = Columns.choose(place(), column == null ? wanted : Optional.of(column), keys);
      if (column.equals(Columns.IDS)) {
        empty = new Document.Tokens(new int[0]);
      }
    }
    JsonNode value = object.get(column);
    if (value.isTextual()) {
      return new Document.Text(value.textValue());
    }
    if (value.isArray()) {
      empty = new Document.Tokens(new int[0]);
      return new Document.Tokens(ids(value));
    }
    if (value.isNull()) {
      return empty;
    }
    throw broken(
        "%s is of type %s, expected a string or a list of integers"
            .formatted(column, value.getNodeType()));
  }

  /** What the parser found, without its account of where, which counts from the line's start. */
  private static String reason(JsonProcessingException e) {
    return e.getOriginalMessage()
        .lines()
        .findFirst()
        .orElse("")
        .replaceAll(" ?\\(start marker.*", "");
  }

  private int[] ids(JsonNode list) {
    int[] ids = new int[list.size()];
    for (int i = 0; i < ids.length; i++) {
      JsonNode id = list.get(i);
      if (!id.isIntegralNumber() || !id.canConvertToInt()) {
        throw broken("%s holds %s, expected token ids".formatted(column, id));
      }
      ids[i] = id.intValue();
    }
    return ids;
  }

  private BadInputException broken(String problem) {
    return BadInputException.broken("%s: %s", place(), problem);
  }

  private String place() {
    return file + ":" + line;
  }

  @Override
  public void close() {
    try {
      in.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
