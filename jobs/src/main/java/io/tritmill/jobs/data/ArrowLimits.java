package io.tritmill.jobs.data;

import com.google.flatbuffers.Table;
import java.nio.ByteOrder;
import java.util.List;
import java.util.stream.IntStream;
import org.apache.arrow.flatbuf.Buffer;
import org.apache.arrow.flatbuf.DictionaryBatch;
import org.apache.arrow.flatbuf.Field;
import org.apache.arrow.flatbuf.Message;
import org.apache.arrow.flatbuf.MessageHeader;
import org.apache.arrow.flatbuf.RecordBatch;
import org.apache.arrow.flatbuf.Schema;
import org.apache.arrow.memory.ArrowBuf;

/**
 * What an Arrow message from a stranger must keep to before the library may see it, which trusts
 * depths, counts, ranges and lengths.
 *
 * <p>A message that does not is an {@link IllegalArgumentException}.
 */
final class ArrowLimits {
  private static final int DEPTH = 64;
  private static final int FIELDS = 100_000;
  private static final int DICTIONARIES = 1_000;
  private static final int NODE_BYTES = 16;
  private static final int BUFFER_BYTES = 16;
  private static final int ROWS_WITHOUT_BYTES = 1 << 16;

  /** The stated length of a buffer that did not become smaller and is stored as it was. */
  private static final long STORED = -1;

  private final long memory;
  private int fields;
  private int dictionaries;

  /**
   * Limits for one file.
   *
   * @param memory bytes that one batch may take, as stored and when decompressed
   */
  ArrowLimits(long memory) {
    this.memory = memory;
  }

  /** Checks what stands in a message's metadata of {@code size} bytes. */
  void checkHeader(Message message, int size) {
    switch (message.headerType()) {
      case MessageHeader.Schema -> checkSchema(header(message, new Schema()));
      case MessageHeader.RecordBatch -> {
        dictionaries = 0;
        checkBatch(batch(message), size);
      }
      case MessageHeader.DictionaryBatch -> {
        dictionaries++;
        require(dictionaries <= DICTIONARIES, "dictionaries in a row", dictionaries);
        checkBatch(batch(message), size);
      }
      default -> throw new IllegalArgumentException("message type " + message.headerType());
    }
  }

  private void checkSchema(Schema schema) {
    for (int i = 0; i < schema.fieldsLength(); i++) {
      checkField(schema.fields(i), 1);
    }
  }

  private void checkField(Field field, int depth) {
    fields++;
    require(fields <= FIELDS, "fields in the schema", fields);
    require(depth <= DEPTH, "levels of nesting in the schema", depth);
    for (int i = 0; i < field.childrenLength(); i++) {
      checkField(field.children(i), depth + 1);
    }
  }

  private static void checkBatch(RecordBatch batch, int size) {
    require(batch.nodesLength() <= size / NODE_BYTES, "columns", batch.nodesLength());
    require(batch.buffersLength() <= size / BUFFER_BYTES, "buffers", batch.buffersLength());
    for (int i = 0; i < batch.variadicBufferCountsLength(); i++) {
      long count = batch.variadicBufferCounts(i);
      require(count >= 0 && count <= batch.buffersLength(), "buffers of a column", count);
    }
  }

  /**
   * Checks that a batch's buffers lie in its body, what they say of their lengths, and that there
   * are not more rows than such buffers can hold.
   *
   * @param body the body, or null if the message has none
   */
  void checkBuffers(Message message, ArrowBuf body) {
    if (message.headerType() == MessageHeader.Schema) {
      return;
    }
    RecordBatch batch = batch(message);
    boolean compressed = batch.compression() != null;
    long capacity = body == null ? 0 : body.capacity();
    long total = 0;
    for (Buffer buffer : buffers(batch)) {
      long end = buffer.offset() + buffer.length();
      require(buffer.offset() >= 0 && buffer.length() >= 0, "bytes in a buffer", buffer.length());
      require(end >= 0 && end <= capacity, "as the end of a buffer", end);
      long plain = buffer.length();
      if (compressed && plain > 0) {
        require(plain >= Long.BYTES, "bytes in a compressed buffer", plain);
        long stated = littleEndian(body.getLong(buffer.offset()));
        plain = stated == STORED ? plain - Long.BYTES : stated;
        require(plain >= 0 && plain <= memory, "bytes in a decompressed buffer", plain);
      }
      total += plain;
      require(total <= memory, "bytes in a batch", total);
    }
    checkRows(batch, Math.max(ROWS_WITHOUT_BYTES, Byte.SIZE * total));
  }

  private static void checkRows(RecordBatch batch, long most) {
    require(batch.length() >= 0 && batch.length() <= most, "rows", batch.length());
    for (int i = 0; i < batch.nodesLength(); i++) {
      long rows = batch.nodes(i).length();
      long nulls = batch.nodes(i).nullCount();
      require(rows >= 0 && rows <= most, "rows in a column", rows);
      require(nulls >= 0 && nulls <= rows, "nulls in a column", nulls);
    }
  }

  private static List<Buffer> buffers(RecordBatch batch) {
    return IntStream.range(0, batch.buffersLength()).mapToObj(batch::buffers).toList();
  }

  private static long littleEndian(long value) {
    return ByteOrder.nativeOrder() == ByteOrder.LITTLE_ENDIAN ? value : Long.reverseBytes(value);
  }

  private static RecordBatch batch(Message message) {
    RecordBatch batch =
        message.headerType() == MessageHeader.RecordBatch
            ? header(message, new RecordBatch())
            : header(message, new DictionaryBatch()).data();
    if (batch == null) {
      throw new IllegalArgumentException("a dictionary without values");
    }
    return batch;
  }

  private static <T extends Table> T header(Message message, T type) {
    if (message.header(type) == null) {
      throw new IllegalArgumentException("a message without content");
    }
    return type;
  }

  private static void require(boolean holds, String what, long found) {
    if (!holds) {
      throw new IllegalArgumentException("%d %s".formatted(found, what));
    }
  }
}
