package io.tritmill.jobs.data;

import io.tritmill.jobs.failure.BadInputException;
import io.tritmill.jobs.storage.Storage;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.Channels;
import java.nio.channels.ReadableByteChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.function.Consumer;
import org.apache.arrow.flatbuf.Block;
import org.apache.arrow.flatbuf.Footer;
import org.apache.arrow.flatbuf.Message;
import org.apache.arrow.memory.ArrowBuf;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.ipc.ReadChannel;
import org.apache.arrow.vector.ipc.message.MessageChannelReader;
import org.apache.arrow.vector.ipc.message.MessageResult;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.Path;

/**
 * The messages of an Arrow IPC file of either format, each held against the file's length before
 * memory is taken for it and against {@link ArrowLimits} before it is believed.
 *
 * <p>A file in stream format is its messages in a row, up to an end mark. One in file format has a
 * footer that says where they lie; the schema comes first all the same. So one reader serves both.
 */
final class ArrowMessages extends MessageChannelReader {
  private static final byte[] MAGIC = "ARROW1".getBytes(StandardCharsets.US_ASCII);
  private static final int FIRST_MESSAGE = 8;
  private static final int TRAILER = Integer.BYTES + MAGIC.length;
  private static final int CONTINUATION = -1;
  private static final int METADATA_LIMIT = 64 << 20;

  private final Path file;
  private final Replay replay;
  private final FSDataInputStream stream;
  private final long length;
  private final ArrowLimits limits;
  private final Consumer<String> remarks;
  private Iterator<Long> offsets;
  private boolean begun;
  private boolean ended;
  private long bytes;

  private ArrowMessages(
      Path file, Replay replay, long length, BufferAllocator allocator, Consumer<String> remarks) {
    super(new ReadChannel(replay), allocator);
    this.file = file;
    this.replay = replay;
    this.stream = replay.stream;
    this.length = length;
    this.remarks = remarks;
    this.limits = new ArrowLimits(allocator.getLimit());
  }

  /** Opens a file; nothing is read yet. */
  static ArrowMessages open(
      Storage storage, Path file, BufferAllocator allocator, Consumer<String> remarks) {
    long length = storage.status(file).getLen();
    return new ArrowMessages(file, new Replay(storage.open(file)), length, allocator, remarks);
  }

  /** Finds out which of the formats it is. */
  private void begin() {
    begun = true;
    if (length < MAGIC.length) {
      throw broken("has %d bytes, expected an Arrow schema".formatted(length));
    }
    if (at(0, MAGIC.length).equals(ByteBuffer.wrap(MAGIC))) {
      offsets = footer().iterator();
    } else {
      seek(0);
    }
  }

  /** The offsets of all messages of a file in file format: schema, dictionaries, batches. */
  private List<Long> footer() {
    long end = length - TRAILER;
    if (end < FIRST_MESSAGE) {
      throw broken("ends after %d bytes, expected a footer; is it complete?".formatted(length));
    }
    ByteBuffer trailer = at(end, TRAILER);
    int size = trailer.getInt();
    if (!trailer.equals(ByteBuffer.wrap(MAGIC))) {
      throw broken("does not end with ARROW1, as it begins; is it complete?");
    }
    if (size <= 0 || size > METADATA_LIMIT || size > end - FIRST_MESSAGE) {
      throw broken("has a footer of %d bytes in a file of %d".formatted(size, length));
    }
    Footer footer = Footer.getRootAsFooter(at(end - size, size));
    List<Long> found = new ArrayList<>();
    found.add((long) FIRST_MESSAGE);
    for (int i = 0; i < footer.dictionariesLength(); i++) {
      found.add(offset(footer.dictionaries(i)));
    }
    for (int i = 0; i < footer.recordBatchesLength(); i++) {
      found.add(offset(footer.recordBatches(i)));
    }
    return found;
  }

  private long offset(Block block) {
    if (block.offset() < FIRST_MESSAGE || block.offset() >= length) {
      throw broken("has a block at byte %d of %d".formatted(block.offset(), length));
    }
    return block.offset();
  }

  @Override
  public MessageResult readNext() throws IOException {
    if (!begun) {
      begin();
    }
    if (ended) {
      return null;
    }
    if (offsets != null) {
      if (!offsets.hasNext()) {
        return null;
      }
      seek(offsets.next());
    }
    if (offsets == null && position() > 0 && remaining() == 0) {
      remarks.accept(
          "%s: ends between two messages, without the mark that ends an Arrow stream; what is there"
                  .formatted(file)
              + " is read; is it complete?");
      ended = true;
      return null;
    }
    ByteBuffer prefix = prefix();
    int size = prefix.getInt(prefix.limit() - Integer.BYTES);
    if (size == 0) {
      return end();
    }
    if (size < 0 || size > Math.min(METADATA_LIMIT, remaining())) {
      throw broken(
          "has a message header of %d bytes at byte %d, but ends after %d"
              .formatted(size, position(), length));
    }
    ByteBuffer metadata = take(size);
    Message message = Message.getRootAsMessage(metadata);
    long body = message.bodyLength();
    if (body < 0 || body > remaining()) {
      throw broken(
          "has a message body of %d bytes at byte %d, but ends after %d; is it complete?"
              .formatted(body, position(), length));
    }
    limits.checkHeader(message, size);
    ArrowTypes.makeReadable(file, message, metadata);
    count(body);
    replay.again(prefix.array(), metadata.array());
    return checked(super.readNext());
  }

  private MessageResult checked(MessageResult result) {
    ArrowBuf body = result.getBodyBuffer();
    try {
      limits.checkBuffers(result.getMessage(), body);
      return result;
    } catch (RuntimeException e) {
      if (body != null) {
        body.close();
      }
      throw e;
    }
  }

  /** What stands before a message: its metadata's length, in newer files behind a mark. */
  private ByteBuffer prefix() {
    if (remaining() < Integer.BYTES) {
      throw broken("ends inside a message; is it complete?");
    }
    ByteBuffer length = take(Integer.BYTES);
    if (length.getInt(0) != CONTINUATION) {
      return length;
    }
    if (remaining() < Integer.BYTES) {
      throw broken("ends inside a message; is it complete?");
    }
    return ByteBuffer.allocate(2 * Integer.BYTES)
        .order(ByteOrder.LITTLE_ENDIAN)
        .put(length)
        .put(take(Integer.BYTES));
  }

  private MessageResult end() {
    if (offsets != null) {
      throw broken("has a footer that points to the end of the data");
    }
    if (remaining() > 0) {
      throw broken("has %d bytes after the end of its Arrow stream".formatted(remaining()));
    }
    ended = true;
    return null;
  }

  private ByteBuffer at(long offset, int count) {
    seek(offset);
    return take(count);
  }

  private ByteBuffer take(int count) {
    byte[] taken = new byte[count];
    try {
      stream.readFully(taken);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    count(count);
    return ByteBuffer.wrap(taken).order(ByteOrder.LITTLE_ENDIAN);
  }

  /** A footer may name a block many times: what is read may not exceed the file (twice: footer). */
  private void count(long read) {
    bytes += read;
    if (bytes > 2 * length) {
      throw broken("has a footer that names the same bytes many times");
    }
  }

  private void seek(long offset) {
    try {
      stream.seek(offset);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private long position() {
    try {
      return stream.getPos();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private long remaining() {
    return length - position();
  }

  private BadInputException broken(String problem) {
    return BadInputException.broken("%s: %s", file, problem);
  }

  @Override
  public long bytesRead() {
    return bytes;
  }

  /** A file that gives a message's metadata once more, after they have been looked at. */
  private static final class Replay implements ReadableByteChannel {
    private final FSDataInputStream stream;
    private final ReadableByteChannel channel;
    private ByteBuffer pending = ByteBuffer.allocate(0);

    Replay(FSDataInputStream stream) {
      this.stream = stream;
      this.channel = Channels.newChannel(stream);
    }

    void again(byte[] prefix, byte[] metadata) {
      pending =
          ByteBuffer.allocate(prefix.length + metadata.length).put(prefix).put(metadata).flip();
    }

    @Override
    public int read(ByteBuffer destination) {
      if (pending.hasRemaining()) {
        int count = Math.min(pending.remaining(), destination.remaining());
        destination.put(pending.slice().limit(count));
        pending.position(pending.position() + count);
        return count;
      }
      try {
        return channel.read(destination);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    @Override
    public boolean isOpen() {
      return channel.isOpen();
    }

    @Override
    public void close() throws IOException {
      channel.close();
    }
  }
}
