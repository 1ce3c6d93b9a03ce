package io.tritmill.jobs.stores;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Arrays;
import java.util.Locale;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Stands before an HTTP service, counts what it sends, and spoils a share of the answers: 500, 503,
 * a connection that is lost before the answer or in its middle, and one that stalls.
 */
final class FaultyProxy implements AutoCloseable {
  private static final Set<String> NOT_FORWARDED =
      Set.of("connection", "content-length", "expect", "host", "upgrade", "transfer-encoding");

  private final HttpServer server;
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final HttpClient client =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private final URI service;
  private final Random random = new Random(11);
  private final double errors;
  private final double stalls;
  private final Duration stall;
  private final AtomicLong sent = new AtomicLong();
  private final AtomicLong requests = new AtomicLong();
  private final AtomicLong spoiled = new AtomicLong();

  /**
   * Starts it.
   *
   * @param errors share of the answers that are errors or lost
   * @param stalls share of the answers that come only after {@code stall}
   */
  FaultyProxy(URI service, double errors, double stalls, Duration stall) throws IOException {
    this.service = service;
    this.errors = errors;
    this.stalls = stalls;
    this.stall = stall;
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setExecutor(threads);
    server.createContext("/", this::handle);
    server.start();
  }

  URI address() {
    return URI.create("http://127.0.0.1:" + server.getAddress().getPort());
  }

  /** Bytes of all bodies that were sent to the client. */
  long sent() {
    return sent.get();
  }

  long requests() {
    return requests.get();
  }

  long spoiled() {
    return spoiled.get();
  }

  private synchronized double dice() {
    return random.nextDouble();
  }

  private void handle(HttpExchange exchange) throws IOException {
    try (exchange) {
      requests.incrementAndGet();
      double dice = dice();
      byte[] body = exchange.getRequestBody().readAllBytes();
      if (dice < stalls) {
        spoiled.incrementAndGet();
        Thread.sleep(stall);
      } else if (dice < stalls + errors) {
        spoiled.incrementAndGet();
        spoil(exchange, body);
        return;
      }
      answer(exchange, forward(exchange, body), 1);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Takes one of four kinds of trouble; what is lost on its way back may have been done. */
  private void spoil(HttpExchange exchange, byte[] body) throws IOException, InterruptedException {
    switch ((int) (4 * dice())) {
      case 0 -> exchange.sendResponseHeaders(500, -1);
      case 1 -> exchange.sendResponseHeaders(503, -1);
      case 2 -> forward(exchange, body);
      default -> answer(exchange, forward(exchange, body), 2);
    }
  }

  private HttpResponse<byte[]> forward(HttpExchange exchange, byte[] body)
      throws IOException, InterruptedException {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create(service + exchange.getRequestURI().toString()))
            .method(
                exchange.getRequestMethod(),
                body.length == 0
                    ? HttpRequest.BodyPublishers.noBody()
                    : HttpRequest.BodyPublishers.ofByteArray(body));
    exchange
        .getRequestHeaders()
        .forEach(
            (name, values) -> {
              if (!NOT_FORWARDED.contains(name.toLowerCase(Locale.ROOT))) {
                values.forEach(value -> request.header(name, value));
              }
            });
    return client.send(request.build(), HttpResponse.BodyHandlers.ofByteArray());
  }

  /** Sends an answer, or where {@code divisor} is not one a part of it. */
  private void answer(HttpExchange exchange, HttpResponse<byte[]> response, int divisor)
      throws IOException {
    boolean bodiless = exchange.getRequestMethod().equals("HEAD") || response.statusCode() == 204;
    response
        .headers()
        .map()
        .forEach(
            (name, values) -> {
              String lower = name.toLowerCase(Locale.ROOT);
              if (bodiless && lower.equals("content-length") || !NOT_FORWARDED.contains(lower)) {
                exchange.getResponseHeaders().put(name, values);
              }
            });
    byte[] body = response.body();
    if (bodiless || body.length == 0) {
      exchange.sendResponseHeaders(response.statusCode(), -1);
      return;
    }
    exchange.sendResponseHeaders(response.statusCode(), body.length);
    byte[] part = Arrays.copyOf(body, body.length / divisor);
    OutputStream out = exchange.getResponseBody();
    out.write(part);
    out.flush();
    sent.addAndGet(part.length);
  }

  @Override
  public void close() {
    server.stop(0);
    threads.shutdownNow();
    client.shutdownNow();
  }
}
