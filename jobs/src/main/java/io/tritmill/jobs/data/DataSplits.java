package io.tritmill.jobs.data;

import io.tritmill.jobs.failure.BadInputException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.hadoop.fs.Path;

/**
 * The splits of a folder of data files, told by names as {@code datasets.load_dataset} does: shards
 * {@code data/NAME-00000-of-00001.parquet}, else folders named for a split, else files.
 */
final class DataSplits {
  private static final Pattern SHARD =
      Pattern.compile("data/(\\w+(?:\\.\\w+)*)-[0-9]{5}-of-[0-9]{5}[^/]*\\.[^/]*");

  private static final Map<String, Pattern> KEYWORDS = new LinkedHashMap<>();

  static {
    KEYWORDS.put("train", keyword("train|training"));
    KEYWORDS.put("validation", keyword("validation|valid|val|dev"));
    KEYWORDS.put("test", keyword("test|testing|eval|evaluation"));
  }

  private DataSplits() {}

  private static Pattern keyword(String words) {
    return Pattern.compile("(?:.*[-._ 0-9])?(?:%s)(?:[-._ 0-9].*)?".formatted(words));
  }

  /** Files by split, in the order of their names; empty if the names tell of none. */
  static Map<String, List<Path>> of(Path folder, List<Path> files) {
    Map<String, List<Path>> splits = new LinkedHashMap<>();
    for (Path file : files) {
      Matcher shard = SHARD.matcher(relative(folder, file));
      if (shard.matches()) {
        splits.computeIfAbsent(shard.group(1), none -> new ArrayList<>()).add(file);
      }
    }
    if (splits.isEmpty()) {
      splits = named(folder, files, true);
    }
    return splits.isEmpty() ? named(folder, files, false) : splits;
  }

  private static Map<String, List<Path>> named(Path folder, List<Path> files, boolean folders) {
    Map<String, List<Path>> splits = new LinkedHashMap<>();
    KEYWORDS.forEach(
        (split, keyword) -> {
          List<Path> found =
              files.stream()
                  .filter(file -> named(relative(folder, file), keyword, folders))
                  .toList();
          if (!found.isEmpty()) {
            splits.put(split, found);
          }
        });
    return splits;
  }

  private static String relative(Path folder, Path file) {
    return folder.toUri().relativize(file.toUri()).getPath();
  }

  private static boolean named(String path, Pattern keyword, boolean folders) {
    List<String> parts = List.of(path.split("/"));
    return folders
        ? parts.subList(0, parts.size() - 1).stream().anyMatch(keyword.asMatchPredicate())
        : keyword.matcher(parts.getLast()).matches();
  }

  /**
   * The split to read.
   *
   * @param preferred what is taken where the user did not say
   * @throws BadInputException if there is no such split, or no way to choose
   */
  static String choose(
      Path path, List<String> splits, Optional<String> wanted, List<String> preferred) {
    if (wanted.isPresent()) {
      if (splits.contains(wanted.get())) {
        return wanted.get();
      }
      throw BadInputException.usage("%s: has no split %s, only %s", path, wanted.get(), splits);
    }
    Optional<String> first = preferred.stream().filter(splits::contains).findFirst();
    if (first.isPresent()) {
      return first.get();
    }
    if (splits.size() == 1) {
      return splits.getFirst();
    }
    throw BadInputException.usage("%s: choose one of the splits %s", path, splits);
  }
}
