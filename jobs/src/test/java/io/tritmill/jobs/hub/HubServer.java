package io.tritmill.jobs.hub;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Behaves like the Hub: revisions, lists of files in pages, small files from itself, large ones by
 * a redirection to a store on another port; and spoils answers as it is told to.
 */
public final class HubServer implements AutoCloseable {
  private static final Pattern API =
      Pattern.compile("/api/(models|datasets)/(.+?)/(revision|tree)/([^/]+)");
  private static final Pattern RESOLVE =
      Pattern.compile("/(datasets/)?([^/]+(?:/[^/]+)?)/resolve/([^/]+)/(.+)");
  private static final int LARGE = 1 << 16;

  /**
   * A request that came.
   *
   * @param store whether the store was asked, not the Hub
   */
  public record Seen(boolean store, String path, String range, String authorization) {}

  /** A repository: commits with their files, and what revisions are. */
  public static final class Repo {
    final Map<String, TreeMap<String, byte[]>> commits = new ConcurrentHashMap<>();
    final Map<String, String> revisions = new ConcurrentHashMap<>();
    public volatile String token = "";
    volatile boolean gated;

    /** Makes files the newest commit of a revision. */
    public Repo commit(String revision, String commit, Map<String, byte[]> files) {
      commits.put(commit, new TreeMap<>(files));
      revisions.put(revision, commit);
      return this;
    }
  }

  private final Map<String, Repo> repos = new ConcurrentHashMap<>();
  private final Map<String, byte[]> blobs = new ConcurrentHashMap<>();
  private final List<Seen> seen = new CopyOnWriteArrayList<>();
  private final Queue<Trouble> hubTroubles = new ConcurrentLinkedQueue<>();
  private final Queue<Trouble> storeTroubles = new ConcurrentLinkedQueue<>();
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final HttpServer hub = start(false);
  private final HttpServer store = start(true);
  private volatile int page = 1000;

  private HttpServer start(boolean ofStore) {
    try {
      HttpServer server =
          HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
      server.setExecutor(threads);
      server.createContext("/", exchange -> handle(exchange, ofStore));
      server.start();
      return server;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** What HF_ENDPOINT is to be. */
  public String address() {
    return address(hub);
  }

  private static String address(HttpServer server) {
    return "http://127.0.0.1:" + server.getAddress().getPort();
  }

  /** A repository, {@code models/ORG/NAME} or {@code datasets/ORG/NAME}. */
  public Repo repo(String name) {
    return repos.computeIfAbsent(name, _ -> new Repo());
  }

  void pages(int entries) {
    page = entries;
  }

  /** The next requests to the Hub meet these. */
  void troubleHub(Trouble... troubles) {
    hubTroubles.addAll(List.of(troubles));
  }

  /** The next requests to the store meet these. */
  void troubleStore(Trouble... troubles) {
    storeTroubles.addAll(List.of(troubles));
  }

  /** All requests that came. */
  public List<Seen> seen() {
    return List.copyOf(seen);
  }

  List<Seen> seen(boolean ofStore) {
    return seen.stream().filter(one -> one.store() == ofStore).toList();
  }

  void forget() {
    seen.clear();
    hubTroubles.clear();
    storeTroubles.clear();
  }

  /** Every file below a folder, by its path. */
  public static Map<String, byte[]> below(Path folder) throws IOException {
    Map<String, byte[]> files = new TreeMap<>();
    try (Stream<Path> found = Files.walk(folder)) {
      for (Path file : found.filter(Files::isRegularFile).toList()) {
        files.put(folder.relativize(file).toString(), Files.readAllBytes(file));
      }
    }
    return files;
  }

  private void handle(HttpExchange exchange, boolean ofStore) throws IOException {
    try (exchange) {
      exchange.getRequestBody().readAllBytes();
      seen.add(
          new Seen(
              ofStore,
              exchange.getRequestURI().toString(),
              exchange.getRequestHeaders().getFirst("Range"),
              exchange.getRequestHeaders().getFirst("Authorization")));
      Trouble trouble = (ofStore ? storeTroubles : hubTroubles).poll();
      if (trouble != null && trouble.answer(exchange)) {
        return;
      }
      if (ofStore) {
        byte[] blob = blobs.get(exchange.getRequestURI().getPath().substring(1));
        send(exchange, blob, storeTag(blob));
      } else {
        ask(exchange);
      }
    }
  }

  private void ask(HttpExchange exchange) throws IOException {
    String path = exchange.getRequestURI().getRawPath();
    Matcher api = API.matcher(path);
    Matcher resolve = RESOLVE.matcher(path);
    if (api.matches()) {
      Repo repo = allowed(exchange, api.group(1) + "/" + api.group(2));
      if (repo != null) {
        answer(exchange, repo, api.group(3), decoded(api.group(4)));
      }
    } else if (resolve.matches()) {
      String kind = resolve.group(1) == null ? "models/" : "datasets/";
      Repo repo = allowed(exchange, kind + resolve.group(2));
      if (repo != null) {
        file(exchange, repo, decoded(resolve.group(3)), decoded(resolve.group(4)));
      }
    } else {
      exchange.sendResponseHeaders(404, -1);
    }
  }

  /** The repository, or null where the answer is a refusal. */
  private Repo allowed(HttpExchange exchange, String name) throws IOException {
    Repo repo = repos.get(name);
    String shown = String.valueOf(exchange.getRequestHeaders().getFirst("Authorization"));
    boolean knows = repo != null && shown.equals("Bearer " + repo.token);
    if (repo != null && repo.gated && !knows) {
      Trouble.status(401, "X-Error-Code", "GatedRepo").answer(exchange);
    } else if (repo == null || !repo.token.isEmpty() && !knows) {
      int status = shown.startsWith("Bearer") ? 404 : 401;
      Trouble.status(status, "X-Error-Code", "RepoNotFound").answer(exchange);
    } else {
      return repo;
    }
    return null;
  }

  private void answer(HttpExchange exchange, Repo repo, String what, String revision)
      throws IOException {
    String commit = repo.revisions.getOrDefault(revision, revision);
    TreeMap<String, byte[]> files = repo.commits.get(commit);
    if (files == null) {
      Trouble.status(404, "X-Error-Code", "RevisionNotFound").answer(exchange);
      return;
    }
    if (what.equals("revision")) {
      json(exchange, Map.of("siblings", List.of(Map.of("sha", "no")), "sha", commit));
      return;
    }
    String query = exchange.getRequestURI().getQuery();
    List<Object> entries = entries(files);
    Matcher cursor = Pattern.compile("cursor=(\\d+)").matcher(query);
    int from = cursor.find() ? Integer.parseInt(cursor.group(1)) : 0;
    int to = Math.min(entries.size(), from + page);
    if (to < entries.size()) {
      exchange
          .getResponseHeaders()
          .add(
              "Link",
              "<%s%s?recursive=true&cursor=%d>; rel=\"next\""
                  .formatted(address(), exchange.getRequestURI().getRawPath(), to));
    }
    json(exchange, entries.subList(from, to));
  }

  private List<Object> entries(TreeMap<String, byte[]> files) {
    List<Object> entries = new ArrayList<>();
    entries.add(Map.of("type", "directory", "path", "folder", "oid", "0", "size", 0));
    files.forEach(
        (path, content) -> {
          Map<String, Object> entry = new LinkedHashMap<>();
          entry.put("type", "file");
          entry.put("oid", gitTag(content));
          entry.put("size", content.length);
          if (content.length >= LARGE) {
            entry.put(
                "lfs",
                Map.of("oid", hash("SHA-256", content), "size", content.length, "pointerSize", 1));
          }
          entry.put("path", path);
          entries.add(entry);
        });
    return entries;
  }

  private void file(HttpExchange exchange, Repo repo, String revision, String path)
      throws IOException {
    TreeMap<String, byte[]> files =
        repo.commits.get(repo.revisions.getOrDefault(revision, revision));
    byte[] content = files == null ? null : files.get(path);
    if (content == null) {
      Trouble.status(404, "X-Error-Code", files == null ? "RevisionNotFound" : "EntryNotFound")
          .answer(exchange);
    } else if (content.length < LARGE) {
      send(exchange, content, gitTag(content));
    } else {
      String checksum = hash("SHA-256", content);
      blobs.put(checksum, content);
      Trouble.status(
              302,
              "Location",
              address(store) + "/" + checksum + "?signature=1",
              "X-Linked-Etag",
              '"' + checksum + '"',
              "X-Linked-Size",
              Integer.toString(content.length))
          .answer(exchange);
    }
  }

  private static void json(HttpExchange exchange, Object value) throws IOException {
    byte[] body = new ObjectMapper().writeValueAsBytes(value);
    exchange.sendResponseHeaders(200, body.length);
    exchange.getResponseBody().write(body);
  }

  /** Sends content, or the range of it that was asked for. */
  private static void send(HttpExchange exchange, byte[] content, String tag) throws IOException {
    exchange.getResponseHeaders().add("ETag", '"' + tag + '"');
    int[] range = Trouble.range(exchange, content.length);
    if (range == null) {
      exchange.sendResponseHeaders(200, content.length);
      exchange.getResponseBody().write(content);
      return;
    }
    Trouble.contentRange(exchange, range[0], range[1], content.length);
    exchange.sendResponseHeaders(206, range[1] - range[0] + 1);
    OutputStream out = exchange.getResponseBody();
    out.write(content, range[0], range[1] - range[0] + 1);
  }

  private static String decoded(String text) {
    return URLDecoder.decode(text, StandardCharsets.UTF_8);
  }

  /** What the store calls a file, which is not what the Hub calls it. */
  static String storeTag(byte[] content) {
    return "store-" + hash("MD5", content);
  }

  private static String gitTag(byte[] content) {
    byte[] head = ("blob " + content.length + "\0").getBytes(StandardCharsets.US_ASCII);
    byte[] whole = Arrays.copyOf(head, head.length + content.length);
    System.arraycopy(content, 0, whole, head.length, content.length);
    return hash("SHA-1", whole);
  }

  private static String hash(String algorithm, byte[] content) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance(algorithm).digest(content));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  public void close() {
    hub.stop(0);
    store.stop(0);
    threads.shutdownNow();
  }
}
