package io.tritmill.jobs.deploy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * As much of the API of Kubernetes as spark-submit asks for. It keeps the driver's pod that it is
 * sent, and lets its container end at once.
 */
final class KubernetesServer implements AutoCloseable {
  private static final ObjectMapper MAPPER = new ObjectMapper();

  private final HttpServer server;
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final int exitCode;
  private volatile ObjectNode driver;

  /**
   * Starts it.
   *
   * @param exitCode that with which the driver's container ends; negative where its pod is evicted
   *     before the container has any
   */
  KubernetesServer(int exitCode) throws IOException {
    this.exitCode = exitCode;
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setExecutor(threads);
    server.createContext("/", this::answer);
    server.start();
  }

  String master() {
    return "k8s://http://127.0.0.1:" + server.getAddress().getPort();
  }

  /** The driver's pod as spark-submit made it. */
  JsonNode driver() {
    return driver;
  }

  private void answer(HttpExchange exchange) throws IOException {
    try (exchange) {
      byte[] body = exchange.getRequestBody().readAllBytes();
      String query = exchange.getRequestURI().getQuery();
      boolean watch = query != null && query.contains("watch=true");
      boolean pods = exchange.getRequestURI().getPath().contains("/pods");
      if (watch && exchange.getRequestHeaders().containsKey("Upgrade")) {
        // No web socket: the client then watches by plain HTTP.
        send(exchange, 200, MAPPER.createObjectNode());
      } else if (watch) {
        ObjectNode event = MAPPER.createObjectNode().put("type", "MODIFIED");
        event.set("object", ended());
        send(exchange, 200, event);
      } else if (body.length > 0 && !exchange.getRequestMethod().equals("DELETE")) {
        ObjectNode sent = (ObjectNode) MAPPER.readTree(body);
        ((ObjectNode) sent.get("metadata")).put("uid", "1").put("resourceVersion", "1");
        if (pods) {
          driver = sent;
        }
        send(exchange, exchange.getRequestMethod().equals("POST") ? 201 : 200, sent);
      } else if (pods && exchange.getRequestURI().getPath().endsWith("/pods")) {
        ObjectNode list = MAPPER.createObjectNode().put("kind", "PodList").put("apiVersion", "v1");
        list.putObject("metadata").put("resourceVersion", "1");
        list.putArray("items").add(ended());
        send(exchange, 200, list);
      } else if (pods && driver != null) {
        send(exchange, 200, ended());
      } else {
        ObjectNode list = MAPPER.createObjectNode().put("kind", "List").put("apiVersion", "v1");
        list.putArray("items");
        send(exchange, 200, list);
      }
    }
  }

  /** The pod when all is over. */
  private ObjectNode ended() {
    ObjectNode pod = driver.deepCopy();
    ObjectNode status = pod.putObject("status");
    status.put("phase", exitCode == 0 ? "Succeeded" : "Failed");
    if (exitCode >= 0) {
      var statuses = status.putArray("containerStatuses");
      container(statuses.addObject(), pod.at("/spec/containers/0/name").asText(), exitCode);
      // What a mesh puts beside every container ends well.
      container(statuses.addObject(), "istio-proxy", 0);
    }
    return pod;
  }

  private static void container(ObjectNode container, String name, int exitCode) {
    container.put("name", name).put("image", "i").put("imageID", "").put("ready", false);
    container.put("restartCount", 0);
    ObjectNode ended = container.putObject("state").putObject("terminated");
    ended.put("exitCode", exitCode).put("reason", exitCode == 0 ? "Completed" : "Error");
    ended.put("startedAt", "2026-01-01T00:00:00Z").put("finishedAt", "2026-01-01T00:01:00Z");
  }

  private static void send(HttpExchange exchange, int code, JsonNode body) throws IOException {
    byte[] bytes = (body + "\n").getBytes(StandardCharsets.UTF_8);
    exchange.getResponseHeaders().add("Content-Type", "application/json");
    exchange.sendResponseHeaders(code, bytes.length);
    try (OutputStream out = exchange.getResponseBody()) {
      out.write(bytes);
    }
  }

  @Override
  public void close() {
    server.stop(0);
    threads.close();
  }
}
