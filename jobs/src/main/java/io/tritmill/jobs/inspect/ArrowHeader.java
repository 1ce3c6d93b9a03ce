package io.tritmill.jobs.inspect;

import io.tritmill.jobs.failure.BadInputException;
import io.tritmill.jobs.failure.ExitCode;
import io.tritmill.jobs.storage.HeaderInput;
import io.tritmill.jobs.storage.Storage;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.apache.arrow.flatbuf.CompressionType;
import org.apache.arrow.flatbuf.Decimal;
import org.apache.arrow.flatbuf.Field;
import org.apache.arrow.flatbuf.Message;
import org.apache.arrow.flatbuf.MessageHeader;
import org.apache.arrow.flatbuf.RecordBatch;
import org.apache.arrow.flatbuf.Schema;
import org.apache.arrow.flatbuf.Type;
import org.apache.hadoop.fs.Path;

/**
 * What the messages of an Arrow IPC stream or file say of themselves; their bodies are skipped.
 *
 * @param stream whether it is a stream, without footer
 * @param ended whether a stream has the mark that ends it; one that breaks off between two messages
 *     looks the same otherwise
 * @param columns types by name
 * @param rows of all batches
 * @param batches number of them
 * @param dictionaries number of dictionary batches
 * @param compression of the batches, if any
 */
record ArrowHeader(
    boolean stream,
    boolean ended,
    Map<String, String> columns,
    long rows,
    long batches,
    long dictionaries,
    Optional<String> compression) {
  private static final byte[] MAGIC = "ARROW1".getBytes(StandardCharsets.US_ASCII);
  private static final int CONTINUATION = -1;
  private static final int MAX_METADATA_BYTES = 64 << 20;
  private static final int MAX_FIELDS = 100_000;
  private static final int MAX_DEPTH = 64;

  /** Whether a file that begins so is an Arrow IPC file or stream. */
  static boolean begins(byte[] first) {
    return first.length >= 8
        && (ByteBuffer.wrap(first).getInt() == CONTINUATION || beginsFile(first));
  }

  private static boolean beginsFile(byte[] first) {
    return ByteBuffer.wrap(first, 0, MAGIC.length).equals(ByteBuffer.wrap(MAGIC));
  }

  /**
   * Walks through the messages.
   *
   * @throws BadInputException if they are broken off or no Arrow messages
   */
  static ArrowHeader read(Storage storage, Path file) {
    try (HeaderInput in = new HeaderInput(storage, file)) {
      Walk walk = new Walk(in);
      // The generated accessors of Arrow follow offsets in the bytes wherever they lead.
      try {
        return walk.header();
      } catch (IndexOutOfBoundsException
          | IllegalArgumentException
          | UnsupportedOperationException
          | ArithmeticException
          | ClassCastException
          | NullPointerException
          | StackOverflowError e) {
        throw new BadInputException(
            ExitCode.BROKEN_INPUT,
            "%s: the message before byte %d is no sound Arrow metadata; is the download complete?"
                .formatted(in.file(), in.position()),
            e);
      }
    }
  }

  /** One pass over the messages of a file. */
  private static final class Walk {
    private final HeaderInput in;
    private final Map<String, String> columns = new LinkedHashMap<>();
    private boolean schemaSeen;
    private boolean ended;
    private long rows;
    private long batches;
    private long dictionaries;
    private String compression;
    private int fields;

    Walk(HeaderInput in) {
      this.in = in;
    }

    ArrowHeader header() {
      boolean stream = true;
      if (in.remaining() > 8) {
        byte[] first = in.bytes("the first message", 8);
        stream = !beginsFile(first);
        if (stream) {
          int metadata = ByteBuffer.wrap(first).order(ByteOrder.LITTLE_ENDIAN).getInt(4);
          message(metadata);
        }
      }
      while (in.remaining() > 0) {
        int length = in.i32("the length of a message");
        if (length == CONTINUATION) {
          length = in.i32("the length of a message");
        }
        if (length == 0) {
          ended = true;
          break;
        }
        message(length);
      }
      if (!schemaSeen) {
        throw BadInputException.broken(
            "%s: has no schema, expected one as the first message", in.file());
      }
      if (!stream) {
        requireFooter();
      }
      return new ArrowHeader(
          stream,
          ended || !stream,
          columns,
          rows,
          batches,
          dictionaries,
          Optional.ofNullable(compression));
    }

    private void requireFooter() {
      if (in.remaining() >= MAGIC.length) {
        in.skip("the footer", in.remaining() - MAGIC.length);
        if (beginsFile(in.bytes("the end", MAGIC.length))) {
          return;
        }
      }
      throw BadInputException.broken(
          "%s: does not end with ARROW1, as an Arrow file does; is the download complete?",
          in.file());
    }

    private void message(int metadataBytes) {
      if (metadataBytes < 8 || metadataBytes > MAX_METADATA_BYTES) {
        throw BadInputException.broken(
            "%s: a message has %s bytes of metadata at byte %d, expected 8 to %d; is this an Arrow"
                + " file?",
            in.file(), Integer.toUnsignedString(metadataBytes), in.position(), MAX_METADATA_BYTES);
      }
      ByteBuffer metadata =
          ByteBuffer.wrap(in.bytes("the metadata of a message", metadataBytes))
              .order(ByteOrder.LITTLE_ENDIAN);
      Message message = Message.getRootAsMessage(metadata);
      switch (message.headerType()) {
        case MessageHeader.Schema -> schema((Schema) message.header(new Schema()));
        case MessageHeader.RecordBatch -> batch((RecordBatch) message.header(new RecordBatch()));
        case MessageHeader.DictionaryBatch -> dictionaries++;
        default ->
            throw BadInputException.broken(
                "%s: a message before byte %d is of type %d, expected schema, dictionary or record"
                    + " batch",
                in.file(), in.position(), message.headerType());
      }
      in.skip("the body of a message", message.bodyLength());
    }

    private void schema(Schema schema) {
      if (schemaSeen) {
        throw BadInputException.broken("%s: has a second schema, expected one", in.file());
      }
      schemaSeen = true;
      count(schema.fieldsLength());
      for (int i = 0; i < schema.fieldsLength(); i++) {
        requireBounded(schema.fields(i), 1);
        String name = name(schema.fields(i));
        while (columns.containsKey(name)) {
          name += " (again)";
        }
        columns.put(name, type(schema.fields(i)));
      }
    }

    /** Offsets of strangers may form a circle: counts every field, nested ones too. */
    private void requireBounded(Field field, int depth) {
      if (depth > MAX_DEPTH) {
        throw BadInputException.broken(
            "%s: fields are nested more than %d deep, expected less", in.file(), MAX_DEPTH);
      }
      count(field.childrenLength());
      for (int i = 0; i < field.childrenLength(); i++) {
        requireBounded(field.children(i), depth + 1);
      }
    }

    private void count(int more) {
      if (more < 0 || more > MAX_FIELDS - fields) {
        throw BadInputException.broken(
            "%s: the schema has more than %d fields, expected less", in.file(), MAX_FIELDS);
      }
      fields += more;
    }

    private void batch(RecordBatch batch) {
      if (batch.length() < 0 || batch.length() > Long.MAX_VALUE - rows) {
        throw BadInputException.broken(
            "%s: a batch before byte %d has %d rows after %d, expected at least 0 and a sum of less"
                + " than 2^63",
            in.file(), in.position(), batch.length(), rows);
      }
      rows += batch.length();
      batches++;
      if (batch.compression() != null) {
        compression = CompressionType.name(batch.compression().codec());
      }
    }

    /** The format lets a column go without a name. */
    private static String name(Field field) {
      return Objects.requireNonNullElse(field.name(), "");
    }

    /** The type of a column; the library does not know small decimals. */
    private static String type(Field field) {
      if (field.typeType() == Type.Decimal
          && field.type(new Decimal()) instanceof Decimal decimal
          && decimal.bitWidth() < 128) {
        return "Decimal(%d, %d, %d)"
            .formatted(decimal.precision(), decimal.scale(), decimal.bitWidth());
      }
      if (hasSmallDecimals(field)) {
        List<String> children = new ArrayList<>();
        for (int i = 0; i < field.childrenLength(); i++) {
          children.add(name(field.children(i)) + ": " + type(field.children(i)));
        }
        return Type.name(field.typeType()) + children;
      }
      return type(org.apache.arrow.vector.types.pojo.Field.convertField(field));
    }

    private static boolean hasSmallDecimals(Field field) {
      for (int i = 0; i < field.childrenLength(); i++) {
        Field child = field.children(i);
        boolean small =
            child.typeType() == Type.Decimal
                && child.type(new Decimal()) instanceof Decimal decimal
                && decimal.bitWidth() < 128;
        if (small || hasSmallDecimals(child)) {
          return true;
        }
      }
      return false;
    }

    private static String type(org.apache.arrow.vector.types.pojo.Field field) {
      String type = field.getType().toString();
      if (field.getChildren().isEmpty()) {
        return type;
      }
      return type
          + field.getChildren().stream()
              .map(child -> child.getName() + ": " + type(child))
              .toList();
    }
  }
}
