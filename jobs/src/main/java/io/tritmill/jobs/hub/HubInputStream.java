package io.tritmill.jobs.hub;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;
import java.util.function.IntFunction;
import org.apache.hadoop.fs.CanUnbuffer;
import org.apache.hadoop.fs.FSExceptionMessages;
import org.apache.hadoop.fs.FSInputStream;
import org.apache.hadoop.fs.FileRange;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.StreamCapabilities;
import org.apache.hadoop.fs.VectoredReadUtils;
import org.apache.hadoop.fs.impl.CombinedFileRange;

/**
 * A file of the Hub as a stream.
 *
 * <p>What is small is read ahead, the more the longer it goes on in order, up to 4 MiB; what is
 * large goes straight to whoever asks. At most one buffer is held.
 */
final class HubInputStream extends FSInputStream implements CanUnbuffer, StreamCapabilities {
  private static final int LEAST_AHEAD = 1 << 16;
  private static final int MOST_AHEAD = 1 << 22;

  private static final int VECTORED_GAP = 1 << 17;
  private static final int VECTORED_REQUEST = 1 << 23;
  private static final int VECTORED_AT_ONCE = 4;

  private final RemoteFile file;
  private final FileSystem.Statistics statistics;
  private final Semaphore vectored = new Semaphore(VECTORED_AT_ONCE);
  private long position;
  private byte[] buffer = new byte[0];
  private long bufferStart;
  private int bufferLength;
  private int ahead = LEAST_AHEAD;
  private volatile boolean closed;

  HubInputStream(RemoteFile file, FileSystem.Statistics statistics) {
    this.file = file;
    this.statistics = statistics;
  }

  @Override
  public synchronized int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  @Override
  public synchronized int read(byte[] into, int offset, int length) throws IOException {
    requireOpen();
    Objects.checkFromIndexSize(offset, length, into.length);
    if (length == 0) {
      return 0;
    }
    if (position >= file.length()) {
      return -1;
    }
    int count;
    if (!isBuffered(position) && length >= ahead) {
      count = (int) Math.min(length, file.length() - position);
      fetch(position, into, offset, count);
    } else {
      count = readBuffered(position, into, offset, length);
    }
    position += count;
    return count;
  }

  @Override
  public int read(long from, byte[] into, int offset, int length) throws IOException {
    validatePositionedReadArgs(from, into, offset, length);
    requireOpen();
    if (length == 0) {
      return 0;
    }
    if (from >= file.length()) {
      return -1;
    }
    synchronized (this) {
      if (length < LEAST_AHEAD || isBuffered(from)) {
        return readBuffered(from, into, offset, length);
      }
    }
    int count = (int) Math.min(length, file.length() - from);
    fetch(from, into, offset, count);
    return count;
  }

  private boolean isBuffered(long from) {
    return from >= bufferStart && from < bufferStart + bufferLength;
  }

  private int readBuffered(long from, byte[] into, int offset, int length) throws IOException {
    if (!isBuffered(from)) {
      fill(from);
    }
    int skipped = (int) (from - bufferStart);
    int count = Math.min(length, bufferLength - skipped);
    System.arraycopy(buffer, skipped, into, offset, count);
    return count;
  }

  private void fill(long from) throws IOException {
    boolean goesOn = bufferLength > 0 && from == bufferStart + bufferLength;
    ahead = goesOn ? Math.min(2 * ahead, MOST_AHEAD) : LEAST_AHEAD;
    // Formats with an index at their end are read from there: the end comes whole.
    long start = Math.max(0, Math.min(from, file.length() - LEAST_AHEAD));
    int count = (int) Math.min(ahead, file.length() - start);
    bufferLength = 0;
    if (buffer.length < count) {
      buffer = new byte[count];
    }
    fetch(start, buffer, 0, count);
    bufferStart = start;
    bufferLength = count;
  }

  private void fetch(long from, byte[] into, int offset, int count) throws IOException {
    file.read(from, into, offset, count);
    if (statistics != null) {
      statistics.incrementBytesRead(count);
    }
  }

  @Override
  public int minSeekForVectorReads() {
    return VECTORED_GAP;
  }

  @Override
  public int maxReadSizeForVectorReads() {
    return VECTORED_REQUEST;
  }

  /** Ranges that lie close together are one request, and several requests are under way at once. */
  @Override
  public void readVectored(List<? extends FileRange> ranges, IntFunction<ByteBuffer> allocate)
      throws IOException {
    requireOpen();
    List<? extends FileRange> sorted =
        VectoredReadUtils.validateAndSortRanges(ranges, Optional.of(file.length()));
    for (FileRange range : ranges) {
      range.setData(new CompletableFuture<>());
    }
    for (CombinedFileRange combined :
        VectoredReadUtils.mergeSortedRanges(sorted, 1, VECTORED_GAP, VECTORED_REQUEST)) {
      Thread.startVirtualThread(() -> read(combined, allocate));
    }
  }

  private void read(CombinedFileRange combined, IntFunction<ByteBuffer> allocate) {
    List<FileRange> ranges = combined.getUnderlying();
    try {
      vectored.acquire();
      try {
        byte[] bytes = new byte[combined.getLength()];
        requireOpen();
        fetch(combined.getOffset(), bytes, 0, bytes.length);
        for (FileRange range : ranges) {
          int skipped = (int) (range.getOffset() - combined.getOffset());
          ByteBuffer data = allocate.apply(range.getLength());
          data.put(bytes, skipped, range.getLength());
          range.getData().complete(data.flip());
        }
      } finally {
        vectored.release();
      }
    } catch (Throwable e) {
      // Whoever waits for a range is told, whatever it was.
      ranges.forEach(range -> range.getData().completeExceptionally(e));
    }
  }

  @Override
  public synchronized void seek(long to) throws IOException {
    requireOpen();
    if (to < 0) {
      throw new EOFException(FSExceptionMessages.NEGATIVE_SEEK + ": " + to);
    }
    if (to > file.length()) {
      throw new EOFException(FSExceptionMessages.CANNOT_SEEK_PAST_EOF + ": " + to);
    }
    position = to;
  }

  @Override
  public synchronized long skip(long count) throws IOException {
    requireOpen();
    long skipped = Math.max(0, Math.min(count, file.length() - position));
    position += skipped;
    return skipped;
  }

  @Override
  public synchronized long getPos() {
    return position;
  }

  @Override
  public boolean seekToNewSource(long to) {
    return false;
  }

  @Override
  public synchronized int available() throws IOException {
    requireOpen();
    return isBuffered(position) ? (int) (bufferStart + bufferLength - position) : 0;
  }

  @Override
  public synchronized void unbuffer() {
    buffer = new byte[0];
    bufferLength = 0;
  }

  @Override
  public boolean hasCapability(String capability) {
    return capability.equals(StreamCapabilities.VECTOREDIO)
        || capability.equals(StreamCapabilities.UNBUFFER);
  }

  @Override
  public synchronized void close() {
    closed = true;
    unbuffer();
  }

  private void requireOpen() throws IOException {
    if (closed) {
      throw new IOException(file + ": " + FSExceptionMessages.STREAM_IS_CLOSED);
    }
  }
}
