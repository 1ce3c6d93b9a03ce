package io.tritmill.jobs.hub;

import com.sun.net.httpserver.HttpExchange;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** What a server does instead of answering. */
interface Trouble {
  /** Does it; false where the server answers all the same. */
  boolean answer(HttpExchange exchange) throws IOException;

  /** The next requests are answered as ever. */
  static Trouble none() {
    return _ -> false;
  }

  /** An answer without a body; headers are names and values in turn. */
  static Trouble status(int status, String... headers) {
    return exchange -> {
      for (int i = 0; i < headers.length; i += 2) {
        exchange.getResponseHeaders().add(headers[i], headers[i + 1]);
      }
      exchange.sendResponseHeaders(status, -1);
      return true;
    };
  }

  /** A document. */
  static Trouble json(String body) {
    return exchange -> {
      byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
      exchange.sendResponseHeaders(200, bytes.length);
      exchange.getResponseBody().write(bytes);
      return true;
    };
  }

  static void contentRange(HttpExchange exchange, int first, int last, int length) {
    exchange
        .getResponseHeaders()
        .add("Content-Range", "bytes %d-%d/%d".formatted(first, last, length));
  }

  /** First and last byte that are asked for; null if everything is. */
  static int[] range(HttpExchange exchange, int length) {
    String header = exchange.getRequestHeaders().getFirst("Range");
    if (header == null) {
      return null;
    }
    int[] ends =
        Arrays.stream(header.substring("bytes=".length()).split("-"))
            .mapToInt(Integer::parseInt)
            .toArray();
    return new int[] {ends[0], Math.min(ends[1], length - 1)};
  }
}
