package io.tritmill.jobs.gguf;

import io.tritmill.jobs.failure.BadInputException;
import io.tritmill.jobs.failure.Printable;
import io.tritmill.jobs.storage.Storage;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.Path;

/** Which GGUF files make a model: one, or all parts of a split one. */
public final class GgufFiles {
  private static final Pattern PART =
      Pattern.compile("(.*)-([0-9]{5})-of-([0-9]{5})\\.gguf", Pattern.CASE_INSENSITIVE);

  private GgufFiles() {}

  /** Whether a file of this name is one. */
  public static boolean named(String name) {
    return name.toLowerCase(Locale.ROOT).endsWith(".gguf");
  }

  /** The name of one of the files of a model that is written to one of this name. */
  static Path part(Path file, int part, int parts) {
    if (parts == 1) {
      return file;
    }
    String name = file.getName().substring(0, file.getName().length() - ".gguf".length());
    return new Path(file.getParent(), "%s-%05d-of-%05d.gguf".formatted(name, part + 1, parts));
  }

  /**
   * The files of the model at a path, in order; empty where there is none.
   *
   * @param path a GGUF file, one part of a split model, or a folder with one model
   * @throws BadInputException if a part is missing, or the folder holds several models
   */
  public static Optional<List<Path>> at(Storage storage, Path path) {
    if (!storage.status(path).isDirectory()) {
      return named(path.getName()) ? Optional.of(parts(storage, path)) : Optional.empty();
    }
    List<Path> found =
        storage.list(path).stream()
            .filter(FileStatus::isFile)
            .map(FileStatus::getPath)
            .filter(file -> named(file.getName()))
            .toList();
    if (found.isEmpty()) {
      return Optional.empty();
    }
    Set<String> models =
        found.stream()
            .map(file -> model(file.getName()))
            .collect(Collectors.toCollection(TreeSet::new));
    if (models.size() > 1) {
      throw BadInputException.broken(
          "%s: holds %d models as GGUF files, %s; give one of the files",
          path, models.size(), Printable.of(String.join(", ", models), 400));
    }
    return Optional.of(parts(storage, found.getFirst()));
  }

  /** What the parts of one model have in common. */
  private static String model(String name) {
    Matcher part = PART.matcher(name);
    return part.matches() ? part.group(1) + "-*-of-" + part.group(3) + ".gguf" : name;
  }

  private static List<Path> parts(Storage storage, Path one) {
    Matcher part = PART.matcher(one.getName());
    if (!part.matches()) {
      return List.of(one);
    }
    int count = Integer.parseInt(part.group(3));
    List<Path> parts = new ArrayList<>();
    for (int i = 1; i <= count; i++) {
      Path next =
          new Path(one.getParent(), "%s-%05d-of-%05d.gguf".formatted(part.group(1), i, count));
      if (!storage.exists(next)) {
        throw BadInputException.broken(
            "%s: is not there, but %s says that the model has %d parts; is the download complete?",
            next, one.getName(), count);
      }
      parts.add(next);
    }
    if (parts.isEmpty()) {
      throw BadInputException.broken(
          "%s: is a part of none by its name, expected -of-00001.gguf or more; rename it", one);
    }
    return parts;
  }
}
