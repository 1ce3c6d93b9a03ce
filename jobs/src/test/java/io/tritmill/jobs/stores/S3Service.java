package io.tritmill.jobs.stores;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.hadoop.conf.Configuration;

/** An S3 service in a JVM of its own, S3Proxy, whose objects are gone when it is closed. */
final class S3Service implements AutoCloseable {
  private static final String BUCKET = "models";

  private final Process process;
  private final URI address;

  private S3Service(Process process, URI address) {
    this.process = process;
    this.address = address;
  }

  /**
   * Starts it with one bucket.
   *
   * @param directory where its settings and its log are kept
   */
  static S3Service start(Path directory) throws IOException, InterruptedException {
    Path classPath = Path.of(System.getProperty("tritmill.root"), "stores/target/s3proxy.txt");
    assumeTrue(
        Files.exists(classPath), () -> classPath + " is missing: build the module stores as well");
    URI address = URI.create("http://127.0.0.1:" + freePort());
    Path settings = directory.resolve("s3proxy.conf");
    Files.writeString(
        settings,
        """
        s3proxy.authorization=none
        s3proxy.endpoint=%s
        s3proxy.ignore-unknown-headers=true
        jclouds.provider=transient-nio2
        jclouds.identity=none
        jclouds.credential=none
        """
            .formatted(address));
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin/java").toString(),
                "-Xmx512m",
                "-cp",
                Files.readString(classPath).strip(),
                "org.gaul.s3proxy.Main",
                "--properties",
                settings.toString())
            .redirectErrorStream(true)
            .redirectOutput(directory.resolve("s3proxy.log").toFile())
            .start();
    S3Service service = new S3Service(process, address);
    service.awaitAndMakeBucket(directory.resolve("s3proxy.log"));
    return service;
  }

  URI address() {
    return address;
  }

  /** A URI in its bucket. */
  static String uri(String path) {
    return "s3a://%s/%s".formatted(BUCKET, path);
  }

  /** Makes {@code s3a:} mean the service at an address: this one, or what stands before it. */
  static void configure(Configuration configuration, URI address, Path buffers) {
    configuration.set("fs.s3a.endpoint", address.toString());
    configuration.set("fs.s3a.endpoint.region", "us-east-1");
    configuration.set("fs.s3a.path.style.access", "true");
    configuration.set("fs.s3a.connection.ssl.enabled", "false");
    configuration.set(
        "fs.s3a.aws.credentials.provider", "org.apache.hadoop.fs.s3a.SimpleAWSCredentialsProvider");
    configuration.set("fs.s3a.access.key", "none");
    configuration.set("fs.s3a.secret.key", "none");
    configuration.set("fs.s3a.bucket.probe", "0");
    configuration.set("fs.s3a.checksum.generation", "false");
    // As conf/spark-defaults.conf has it.
    configuration.set("fs.s3a.input.stream.type", "classic");
    configuration.set("fs.s3a.buffer.dir", buffers.toString());
  }

  private void awaitAndMakeBucket(Path log) throws IOException, InterruptedException {
    try (HttpClient client = HttpClient.newHttpClient()) {
      HttpRequest request =
          HttpRequest.newBuilder(address.resolve("/" + BUCKET))
              .PUT(HttpRequest.BodyPublishers.noBody())
              .build();
      for (int tries = 0; ; tries++) {
        try {
          client.send(request, HttpResponse.BodyHandlers.discarding());
          return;
        } catch (IOException e) {
          if (!process.isAlive() || tries > 600) {
            throw new IllegalStateException("S3Proxy does not start: " + Files.readString(log), e);
          }
          Thread.sleep(100);
        }
      }
    }
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0)) {
      return socket.getLocalPort();
    }
  }

  @Override
  public void close() {
    process.destroyForcibly();
  }
}
