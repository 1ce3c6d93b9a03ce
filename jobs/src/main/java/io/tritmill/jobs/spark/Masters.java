package io.tritmill.jobs.spark;

import io.tritmill.jobs.failure.BadInputException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.List;

/** The masters of a standalone cluster, asked before Spark waits for them. */
final class Masters {
  private static final String SCHEME = "spark://";
  private static final Duration PATIENCE = Duration.ofSeconds(20);
  private static final int ANSWER_MILLIS = 5000;
  private static final int PAUSE_MILLIS = 500;

  private Masters() {}

  /**
   * Waits for one of them to take a connection.
   *
   * @param master as Spark has it; of another kind of cluster nothing is asked
   * @throws BadInputException if none does
   */
  static void require(String master) {
    if (!master.startsWith(SCHEME)) {
      return;
    }
    List<String> addresses = List.of(master.substring(SCHEME.length()).split(","));
    long end = System.nanoTime() + PATIENCE.toNanos();
    IOException last;
    do {
      last = null;
      for (String address : addresses) {
        try {
          connect(master, address);
          return;
        } catch (IOException e) {
          last = e;
        }
      }
      pause();
    } while (System.nanoTime() < end);
    throw BadInputException.broken(
        "%s: no master answers within %d s (%s); is it up, and is its address that of its log?",
        master, PATIENCE.toSeconds(), last.getMessage());
  }

  private static void connect(String master, String address) throws IOException {
    int colon = address.lastIndexOf(':');
    if (colon < 1 || !address.substring(colon + 1).matches("\\d{1,5}")) {
      throw BadInputException.usage("%s: expected spark://HOST:PORT", master);
    }
    int port = Integer.parseInt(address.substring(colon + 1));
    if (port > 65_535) {
      throw BadInputException.usage("%s: %d is no port", master, port);
    }
    try (Socket socket = new Socket()) {
      InetSocketAddress found = new InetSocketAddress(address.substring(0, colon), port);
      if (found.isUnresolved()) {
        throw new IOException(address.substring(0, colon) + ": unknown host");
      }
      socket.connect(found, ANSWER_MILLIS);
    }
  }

  private static void pause() {
    try {
      Thread.sleep(PAUSE_MILLIS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while waiting for a master", e);
    }
  }
}
