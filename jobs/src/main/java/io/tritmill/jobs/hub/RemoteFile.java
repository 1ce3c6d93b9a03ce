package io.tritmill.jobs.hub;

import io.tritmill.jobs.failure.BadInputException;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.URI;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A file of a commit, read by byte ranges; safe for threads.
 *
 * <p>Where the Hub leads to a store, later ranges are asked of the store at once, until it refuses:
 * such addresses hold for an hour.
 */
final class RemoteFile {
  /** A file that a service without byte ranges may send whole. */
  private static final int WHOLE = 16 << 20;

  /** Bytes after which earlier failures no longer count. */
  private static final int PROGRESS = 1 << 20;

  private static final Pattern RANGE = Pattern.compile("bytes (\\d{1,18})-(\\d{1,18})/(\\d{1,18})");
  private static final Pattern LINKED = Pattern.compile("[0-9a-f]{40}|[0-9a-f]{64}");
  private static final Pattern OWN = Pattern.compile("[0-9a-f]{40}");

  private final HubClient client;
  private final HubSettings settings;
  private final HubPath path;
  private final Entry entry;
  private final URI address;
  private volatile Served served;

  /**
   * A file.
   *
   * @param path its revision is a commit
   */
  RemoteFile(HubClient client, HubSettings settings, HubPath path, Entry entry) {
    this.client = client;
    this.settings = settings;
    this.path = path;
    this.entry = entry;
    address = client.address(path.repository().file(path.revision(), path.file()));
  }

  /** Who sent the last range, and the tag that it had. */
  private record Served(URI from, String tag) {}

  /** The file is another one than it was. */
  private static final class ChangedException extends IOException {
    private static final long serialVersionUID = 1L;

    ChangedException(String found) {
      super(found);
    }
  }

  long length() {
    return entry.length();
  }

  @Override
  public String toString() {
    return path.toString();
  }

  /**
   * Reads exactly as many bytes as are asked for.
   *
   * @param from the first of them, in a file that has them all
   * @throws BadInputException if it cannot be read, after several tries, or has changed
   */
  void read(long from, byte[] into, int at, int count) throws InterruptedIOException {
    Part part = new Part(from, into, at, count);
    HubClient.Tries tries = new HubClient.Tries();
    client.retrying(
        path.toString(),
        tries,
        () -> {
          try {
            ask(part);
          } catch (ChangedException e) {
            throw BadInputException.broken(
                "%s: %s; was it replaced while it was read? Run the same command again",
                path, e.getMessage());
          } catch (IOException e) {
            served = null;
            if (part.keep() >= PROGRESS) {
              tries.renew();
            }
            throw e;
          }
          return part;
        });
  }

  private void ask(Part part) throws IOException {
    Served last = served;
    Reply reply =
        client.send(last == null ? address : last.from(), Optional.of(part.header()), part::body);
    if (!reply.ok()) {
      HubClient.requireLasting(reply);
      if (reply.own()) {
        throw HubFailure.refused(path, reply, settings);
      }
      throw new HubClient.TryAgainException(
          "%s answers %d".formatted(reply.from().getAuthority(), reply.status()), Duration.ZERO);
    }
    String tag = tag(reply.headers().firstValue("ETag"));
    requireContent(
        reply
            .linkedTag()
            .filter(LINKED.asMatchPredicate())
            .or(() -> Optional.of(tag).filter(OWN.asMatchPredicate()).filter(_ -> reply.own())));
    if (last != null && last.from().equals(reply.from()) && !last.tag().equals(tag)) {
      throw new ChangedException("has the tag '%s', and had '%s'".formatted(tag, last.tag()));
    }
    part.finish();
    served = new Served(reply.from(), tag);
  }

  private static String tag(Optional<String> header) {
    return header.flatMap(Reply::strong).orElse("");
  }

  /**
   * The Hub names a small file by the checksum of git, a large one by that of its content; mirrors
   * and stores may call it anything else.
   */
  private void requireContent(Optional<String> checksum) throws ChangedException {
    if (checksum.isPresent()
        && checksum.get().length() == entry.tag().length()
        && !checksum.get().equals(entry.tag())) {
      throw new ChangedException(
          "has the checksum %s, where the list of files says %s"
              .formatted(checksum.get(), entry.tag()));
    }
  }

  /** The bytes that one caller asks for, and how many of them are there. */
  private final class Part {
    private final long from;
    private final byte[] into;
    private final int at;
    private final int count;
    private int got;
    private String tag = "";
    private Body body;
    private boolean whole;

    Part(long from, byte[] into, int at, int count) {
      this.from = from;
      this.into = into;
      this.at = at;
      this.count = count;
    }

    String header() {
      body = null;
      return "bytes=%d-%d".formatted(from + got, from + count - 1);
    }

    /** Takes an answer that is what it must be; what is left of a failed one is gone on from. */
    Body body(HttpResponse.ResponseInfo info) {
      try {
        whole = info.statusCode() == 200;
        long expected = whole ? entry.length() : count - got;
        if (whole && entry.length() > WHOLE && entry.length() != count) {
          throw new IOException("the answer to a range is the whole file");
        }
        if (!whole) {
          requireRange(info);
        }
        long promised = info.headers().firstValueAsLong("Content-Length").orElse(expected);
        if (promised != expected) {
          throw whole
              ? new ChangedException(
                  "has %d bytes, where the list of files says %d".formatted(promised, expected))
              : new IOException("%d bytes are sent instead of %d".formatted(promised, expected));
        }
        String now = tag(info.headers().firstValue("ETag"));
        if (got > 0 && !whole && !now.equals(tag)) {
          got = 0;
          throw new IOException("the tag has changed");
        }
        tag = now;
        body = whole ? Body.upTo((int) expected) : Body.into(into, at + got, count - got);
        return body;
      } catch (IOException e) {
        return Body.refused(e);
      }
    }

    private void requireRange(HttpResponse.ResponseInfo info) throws IOException {
      String range = info.headers().firstValue("Content-Range").orElse("").strip();
      Matcher matcher = RANGE.matcher(range);
      if (info.statusCode() != 206 || !matcher.matches()) {
        throw new IOException("the answer to a range is none");
      }
      long length = Long.parseLong(matcher.group(3));
      if (length != entry.length()) {
        throw new ChangedException(
            "has %d bytes, where the list of files says %d".formatted(length, entry.length()));
      }
      if (Long.parseLong(matcher.group(1)) != from + got
          || Long.parseLong(matcher.group(2)) != from + count - 1) {
        throw new IOException("another range is sent than was asked for");
      }
    }

    /** Keeps what came of an answer that failed; how much that was. */
    int keep() {
      int came = body == null || whole ? 0 : body.count();
      body = null;
      got += came;
      return came;
    }

    void finish() throws IOException {
      long expected = whole ? entry.length() : count - got;
      if (body.count() != expected) {
        throw new IOException("it ended after %d of %d bytes".formatted(body.count(), expected));
      }
      if (whole) {
        System.arraycopy(body.bytes(), (int) from, into, at, count);
      }
    }
  }
}
