package io.tritmill.jobs.hub;

import io.tritmill.jobs.failure.BadInputException;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpTimeoutException;
import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;

/**
 * Requests to the Hub: redirections, second tries with growing pauses, and time limits.
 *
 * <p>The token is shown to the Hub alone, never to a host that it leads to.
 */
final class HubClient {
  private static final int TRIES = 8;

  /** Before the Hub has answered once: an address that is wrong is not tried for a minute. */
  private static final int FIRST_TRIES = 3;

  private static final int REDIRECTIONS = 8;
  private static final int IGNORED_BYTES = 1 << 14;
  private static final Duration CONNECT = Duration.ofSeconds(20);
  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(30);
  private static final Duration LONGEST_WAIT = Duration.ofMinutes(5);
  private static final Set<Integer> REDIRECTED = Set.of(301, 302, 303, 307, 308);

  /** Stands for the body of an answer that nobody waits for any more. */
  private static final Body GIVEN_UP = Body.ignored(0);

  private final HubSettings settings;
  private volatile boolean answered;

  HubClient(HubSettings settings) {
    this.settings = settings;
  }

  /** One for all: it holds connections and threads. */
  private static final class Shared {
    private static final HttpClient CLIENT =
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .followRedirects(HttpClient.Redirect.NEVER)
            .connectTimeout(CONNECT)
            .build();
  }

  /** One try of something. */
  interface Attempt<T> {
    /**
     * Tries it.
     *
     * @throws TryAgainException if it may succeed later
     * @throws IOException likewise
     */
    T take() throws IOException;
  }

  /** What failed, and may succeed after a while. */
  static final class TryAgainException extends IOException {
    private static final long serialVersionUID = 1L;

    private final transient Duration wait;

    TryAgainException(String reason, Duration wait) {
      super(reason);
      this.wait = wait;
    }
  }

  /** The address of something of the Hub. */
  URI address(String path) {
    return URI.create(settings.endpoint() + path);
  }

  /**
   * A document of the Hub, or its refusal.
   *
   * @param what whose it is, for a sentence
   * @param limit bytes that it may have
   * @throws BadInputException if there is no answer after several tries
   */
  Reply document(String what, URI address, int limit) throws InterruptedIOException {
    return retrying(
        what,
        new Tries(),
        () -> requireLasting(send(address, Optional.empty(), _ -> Body.upTo(limit))));
  }

  /** How often something may still fail. */
  static final class Tries {
    private int failed;

    /** Forgets the failures: there was progress. */
    void renew() {
      failed = 0;
    }
  }

  /**
   * Tries until it succeeds.
   *
   * @throws BadInputException if it failed too often
   */
  <T> T retrying(String what, Tries tries, Attempt<T> attempt) throws InterruptedIOException {
    while (true) {
      try {
        return attempt.take();
      } catch (InterruptedIOException e) {
        if (Thread.currentThread().isInterrupted()) {
          throw e;
        }
        pause(what, tries, e);
      } catch (IOException e) {
        pause(what, tries, e);
      }
    }
  }

  private void pause(String what, Tries tries, IOException failure) throws InterruptedIOException {
    tries.failed++;
    Duration wait =
        failure instanceof TryAgainException again && again.wait != null
            ? again.wait
            : Duration.ZERO;
    if (HubFailure.isLasting(failure)
        || tries.failed >= (answered ? TRIES : FIRST_TRIES)
        || wait.compareTo(LONGEST_WAIT) > 0) {
      throw HubFailure.noAnswer(what, settings, failure, tries.failed, wait);
    }
    long usual = settings.pause().toMillis() << (tries.failed - 1);
    long most = Math.min(usual, LONGEST_PAUSE.toMillis());
    // Tasks that failed together do not come back together.
    long millis = most / 2 + ThreadLocalRandom.current().nextLong(most / 2 + 1);
    try {
      Thread.sleep(Math.max(millis, wait.toMillis()));
    } catch (InterruptedException e) {
      throw interrupted(e);
    }
  }

  /** Leaves a refusal for good as it is. */
  static Reply requireLasting(Reply reply) throws TryAgainException {
    if (reply.passing()) {
      throw new TryAgainException(
          "%s answers %d".formatted(reply.from().getAuthority(), reply.status()),
          reply.wait(Instant.now()));
    }
    return reply;
  }

  /**
   * Asks once, and follows where it is led.
   *
   * @param range the header of that name
   * @param bodies takes the bytes of an answer with a status from 200 to 299
   */
  Reply send(URI address, Optional<String> range, Function<HttpResponse.ResponseInfo, Body> bodies)
      throws IOException {
    URI at = address;
    Optional<String> tag = Optional.empty();
    for (int i = 0; i <= REDIRECTIONS; i++) {
      boolean own = isOwn(at);
      HttpResponse<Body> response = exchange(at, own, range, bodies);
      answered = true;
      if (own) {
        Optional<String> before = tag;
        tag =
            response.headers().firstValue("X-Linked-Etag").flatMap(Reply::strong).or(() -> before);
      }
      if (!REDIRECTED.contains(response.statusCode())) {
        return new Reply(response.statusCode(), response.headers(), response.body(), at, tag, own);
      }
      at = next(at, response);
    }
    throw new IOException("led on more than %d times".formatted(REDIRECTIONS));
  }

  /** Whether an address is the Hub's, to which the token may be shown. */
  private boolean isOwn(URI address) {
    return origin(address).equals(origin(settings.endpoint()));
  }

  private static String origin(URI address) {
    int port = address.getPort();
    String scheme = address.getScheme().toLowerCase(Locale.ROOT);
    return "%s://%s:%d"
        .formatted(
            scheme,
            address.getHost().toLowerCase(Locale.ROOT),
            port >= 0 ? port : scheme.equals("https") ? 443 : 80);
  }

  private static URI next(URI at, HttpResponse<Body> response) throws IOException {
    URI next = resolve(at, response.headers().firstValue("Location").orElse(""));
    if (at.getScheme().equalsIgnoreCase("https") && !next.getScheme().equalsIgnoreCase("https")) {
      throw new IOException("led from https to an address without");
    }
    return next;
  }

  /**
   * What an address means that an answer names.
   *
   * @throws IOException if it is none of HTTP
   */
  static URI resolve(URI at, String address) throws IOException {
    try {
      URI next = at.resolve(address);
      String scheme = String.valueOf(next.getScheme()).toLowerCase(Locale.ROOT);
      if (!address.isEmpty()
          && next.getHost() != null
          && next.getRawUserInfo() == null
          && Set.of("http", "https").contains(scheme)) {
        return next;
      }
    } catch (IllegalArgumentException e) {
      // No URI at all is no better.
    }
    throw new IOException("led to something that is no address");
  }

  private HttpResponse<Body> exchange(
      URI at, boolean own, Optional<String> range, Function<HttpResponse.ResponseInfo, Body> bodies)
      throws IOException {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(at)
            .header("User-Agent", "tritmill")
            .header("Accept-Encoding", "identity");
    range.ifPresent(it -> request.header("Range", it));
    if (own) {
      settings.token().ifPresent(it -> request.header("Authorization", it.header()));
    }
    AtomicReference<Body> body = new AtomicReference<>(Body.ignored(0));
    CompletableFuture<HttpResponse<Body>> answer =
        Shared.CLIENT.sendAsync(
            request.build(),
            info -> {
              Body taken =
                  info.statusCode() / 100 == 2 ? bodies.apply(info) : Body.ignored(IGNORED_BYTES);
              if (body.getAndSet(taken) == GIVEN_UP) {
                taken.abandon();
              }
              return taken;
            });
    try {
      return await(answer, body);
    } catch (IOException e) {
      answer.cancel(true);
      body.getAndSet(GIVEN_UP).abandon();
      throw e;
    }
  }

  /** Waits as long as bytes come. */
  private HttpResponse<Body> await(
      CompletableFuture<HttpResponse<Body>> answer, AtomicReference<Body> body) throws IOException {
    int before = 0;
    while (true) {
      try {
        return answer.get(settings.timeout().toMillis(), TimeUnit.MILLISECONDS);
      } catch (TimeoutException e) {
        int now = body.get().count();
        if (now == before) {
          throw new HttpTimeoutException(
              "nothing came for %d s".formatted(settings.timeout().toSeconds()));
        }
        before = now;
      } catch (ExecutionException e) {
        throw e.getCause() instanceof IOException io ? io : new IOException(e.getCause());
      } catch (InterruptedException e) {
        throw interrupted(e);
      }
    }
  }

  private static InterruptedIOException interrupted(InterruptedException cause) {
    Thread.currentThread().interrupt();
    InterruptedIOException interrupted = new InterruptedIOException("interrupted");
    interrupted.initCause(cause);
    return interrupted;
  }
}
