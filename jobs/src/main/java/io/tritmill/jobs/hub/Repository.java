package io.tritmill.jobs.hub;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.stream.Collectors;

/**
 * A repository of the Hub.
 *
 * @param name {@code ORG/NAME}, or a name alone
 */
record Repository(Kind kind, String name) {
  /** What a repository holds. */
  enum Kind {
    MODEL("models", "", "model"),
    DATASET("datasets", "datasets/", "data set");

    private final String plural;
    private final String prefix;
    private final String words;

    Kind(String plural, String prefix, String words) {
      this.plural = plural;
      this.prefix = prefix;
      this.words = words;
    }

    /** How a sentence calls it. */
    String words() {
      return words;
    }
  }

  /** As users write it. */
  String uri() {
    return HubFileSystem.SCHEME + "://" + page();
  }

  /** Its page, below the address of the Hub. */
  String page() {
    return kind.prefix + name;
  }

  /** The request for what a revision is, below the address of the Hub. */
  String revision(String revision) {
    return "/api/%s/%s/revision/%s?expand=sha"
        .formatted(kind.plural, encoded(name), quoted(revision));
  }

  /** The request for the list of a commit's files. */
  String tree(String commit) {
    return "/api/%s/%s/tree/%s".formatted(kind.plural, encoded(name), commit);
  }

  /** The request for a file of a commit. */
  String file(String commit, String file) {
    return "/%s%s/resolve/%s/%s".formatted(kind.prefix, encoded(name), commit, encoded(file));
  }

  /** Its folder in the cache of the Hub's own client. */
  String cacheFolder() {
    return kind.plural + "--" + name.replace("/", "--");
  }

  private static String encoded(String path) {
    return Arrays.stream(path.split("/", -1))
        .map(Repository::quoted)
        .collect(Collectors.joining("/"));
  }

  /** As one part of the path of a URI. */
  private static String quoted(String part) {
    return URLEncoder.encode(part, StandardCharsets.UTF_8).replace("+", "%20");
  }
}
