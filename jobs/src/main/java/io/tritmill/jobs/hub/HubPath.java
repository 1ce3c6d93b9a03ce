package io.tritmill.jobs.hub;

import io.tritmill.jobs.failure.BadInputException;
import io.tritmill.jobs.hub.Repository.Kind;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.hadoop.fs.Path;

/**
 * What a path means: a file or folder of a revision of a repository.
 *
 * <p>The authority of the URI is the first word, an organization, a kind of repository, or a name
 * that stands alone; the revision follows the name after an {@code @}, with its slashes written as
 * {@code %2F}, except in {@code refs/pr/N} and {@code refs/convert/NAME}, as the Hub's own client
 * has it.
 *
 * @param revision a branch, a tag or a commit
 * @param file slashes between the parts, none at the ends; empty for the repository's root
 */
record HubPath(Repository repository, String revision, String file) {
  private static final String MAIN = "main";
  private static final Map<String, Kind> KINDS =
      Map.of("models", Kind.MODEL, "datasets", Kind.DATASET);
  private static final Set<String> OTHER_KINDS = Set.of("spaces", "buckets", "kernels");

  private static final Pattern NAME = Pattern.compile("(?!.*\\.\\.)\\w[\\w.-]{0,95}");
  private static final Pattern LONG_REVISION =
      Pattern.compile("(refs/(?:pr/\\d+|convert/[\\w.-]+))(?:/(.*))?");
  private static final Pattern REVISION =
      Pattern.compile("(?!.*\\.\\.)(?!/)[^\\s\\\\\\p{Cntrl}]{1,250}");

  /**
   * The readings of a path, the likelier first: without an {@code @}, {@code hf://a/b} is the
   * repository {@code a/b} or, where there is none, {@code b} in the repository {@code a}.
   *
   * @throws BadInputException if there is none
   */
  static List<HubPath> readings(Path path) {
    List<String> words = new ArrayList<>();
    String authority = path.toUri().getAuthority();
    if (authority != null) {
      words.addAll(Arrays.asList(authority.split("/")));
    }
    Arrays.stream(path.toUri().getPath().split("/"))
        .filter(word -> !word.isEmpty())
        .forEach(words::add);
    String first = words.isEmpty() ? "" : words.getFirst();
    if (OTHER_KINDS.contains(first)) {
      throw BadInputException.unsupported(
          "%s: %s of the Hub are not read; expected hf://ORG/NAME or hf://datasets/ORG/NAME",
          path, first);
    }
    Kind kind = KINDS.getOrDefault(first, Kind.MODEL);
    List<String> rest = KINDS.containsKey(first) ? words.subList(1, words.size()) : words;
    List<HubPath> readings = readings(kind, rest);
    if (readings.isEmpty()) {
      throw BadInputException.usage(
          "%s: names no repository of the Hub; write hf://ORG/NAME or hf://datasets/ORG/NAME, with"
              + " @REVISION behind the name where it is not to be main",
          path);
    }
    return readings;
  }

  private static List<HubPath> readings(Kind kind, List<String> words) {
    for (int i = 0; i < Math.min(2, words.size()); i++) {
      int at = words.get(i).indexOf('@');
      if (at >= 0) {
        return withRevision(kind, words, i, at);
      }
    }
    List<HubPath> readings = new ArrayList<>();
    for (int length = Math.min(2, words.size()); length > 0; length--) {
      List<String> name = words.subList(0, length);
      if (name.stream().allMatch(NAME.asMatchPredicate())) {
        readings.add(
            new HubPath(
                new Repository(kind, String.join("/", name)),
                MAIN,
                String.join("/", words.subList(length, words.size()))));
      }
    }
    return readings;
  }

  private static List<HubPath> withRevision(Kind kind, List<String> words, int last, int at) {
    List<String> name = new ArrayList<>(words.subList(0, last));
    name.add(words.get(last).substring(0, at));
    List<String> behind = new ArrayList<>(words.subList(last, words.size()));
    behind.set(0, words.get(last).substring(at + 1));
    Matcher known = LONG_REVISION.matcher(String.join("/", behind));
    String revision;
    String file;
    if (known.matches()) {
      revision = known.group(1);
      file = known.group(2) == null ? "" : known.group(2);
    } else {
      revision = decoded(behind.getFirst());
      file = String.join("/", behind.subList(1, behind.size()));
    }
    return name.stream().allMatch(NAME.asMatchPredicate()) && REVISION.matcher(revision).matches()
        ? List.of(new HubPath(new Repository(kind, String.join("/", name)), revision, file))
        : List.of();
  }

  private static String decoded(String revision) {
    try {
      return URLDecoder.decode(revision.replace("+", "%2B"), StandardCharsets.UTF_8);
    } catch (IllegalArgumentException e) {
      return "";
    }
  }

  /** The same file of a commit, which never changes. */
  Path at(String commit) {
    return new Path(repository.uri() + "@" + commit + (file.isEmpty() ? "" : "/" + file));
  }

  @Override
  public String toString() {
    return "%s@%s%s".formatted(repository.uri(), revision, file.isEmpty() ? "" : "/" + file);
  }
}
