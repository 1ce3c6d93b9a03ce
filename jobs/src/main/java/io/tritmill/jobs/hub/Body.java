package io.tritmill.jobs.hub;

import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Flow;

/** The bytes of an answer as they come, never more than were expected. */
final class Body implements HttpResponse.BodySubscriber<Body> {
  private static final int GROWTH = 1 << 16;

  private final CompletableFuture<Body> ended = new CompletableFuture<>();
  private final int first;
  private final int limit;
  private final boolean cut;
  private byte[] bytes;
  private volatile int count;
  private Flow.Subscription subscription;

  private Body(byte[] bytes, int first, int limit, boolean cut) {
    this.bytes = bytes;
    this.first = first;
    this.limit = limit;
    this.cut = cut;
  }

  /** Bytes that go to {@code into[first]} and behind; more than {@code limit} fail. */
  static Body into(byte[] into, int first, int limit) {
    return new Body(into, first, limit, false);
  }

  /** Bytes of a document of an unknown length; more than {@code limit} fail. */
  static Body upTo(int limit) {
    return new Body(new byte[0], 0, limit, false);
  }

  /** Bytes that nobody reads; more than {@code limit} are not waited for. */
  static Body ignored(int limit) {
    return new Body(new byte[0], 0, limit, true);
  }

  /** Of an answer that is not wanted. */
  static Body refused(IOException reason) {
    Body body = ignored(0);
    body.ended.completeExceptionally(reason);
    return body;
  }

  /** How many have come. */
  int count() {
    return count;
  }

  /** Those of a document. */
  byte[] bytes() {
    return Arrays.copyOf(bytes, count);
  }

  @Override
  public CompletionStage<Body> getBody() {
    return ended;
  }

  @Override
  public synchronized void onSubscribe(Flow.Subscription to) {
    subscription = to;
    if (ended.isDone()) {
      to.cancel();
    } else {
      to.request(Long.MAX_VALUE);
    }
  }

  /** Takes nothing more: whoever asked has given up, and may use the array for something else. */
  synchronized void abandon() {
    ended.completeExceptionally(new IOException("abandoned"));
    if (subscription != null) {
      subscription.cancel();
    }
  }

  @Override
  public synchronized void onNext(List<ByteBuffer> buffers) {
    if (ended.isDone()) {
      return;
    }
    for (ByteBuffer buffer : buffers) {
      int more = buffer.remaining();
      if (more > limit - count) {
        subscription.cancel();
        if (cut) {
          ended.complete(this);
        } else {
          // What else it sent is no better.
          count = 0;
          ended.completeExceptionally(
              new IOException("more than the %d bytes that were expected".formatted(limit)));
        }
        return;
      }
      if (first + count + more > bytes.length) {
        bytes = Arrays.copyOf(bytes, Math.min(limit, Math.max(2 * count, count + more + GROWTH)));
      }
      buffer.get(bytes, first + count, more);
      count += more;
    }
  }

  @Override
  public void onError(Throwable failure) {
    ended.completeExceptionally(failure);
  }

  @Override
  public void onComplete() {
    ended.complete(this);
  }
}
