package io.tritmill.jobs.hub;

import io.tritmill.jobs.failure.BadInputException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * What the Hub's own client has downloaded on this machine: {@code
 * models--ORG--NAME/snapshots/COMMIT/FILE}, and the commits of branches in {@code refs/}. It is
 * read, and never written.
 *
 * @param folder need not be there
 */
record HubCache(Path folder) {
  private static final int DEPTH = 32;
  private static final int COMMIT_BYTES = 64;
  private static final Pattern COMMIT = Pattern.compile("[0-9a-f]{40}");

  /** Whether a revision is a whole commit, which never changes. */
  static boolean isCommit(String revision) {
    return COMMIT.matcher(revision).matches();
  }

  /** The commit that a revision was when it was downloaded. */
  Optional<String> commit(Repository repository, String revision) {
    if (isCommit(revision)) {
      return Optional.of(revision).filter(it -> Files.isDirectory(snapshot(repository, it)));
    }
    Path refs = folder.resolve(repository.cacheFolder()).resolve("refs");
    try (InputStream in = Files.newInputStream(refs.resolve(revision))) {
      String commit = new String(in.readNBytes(COMMIT_BYTES), StandardCharsets.US_ASCII).strip();
      return Optional.of(commit).filter(HubCache::isCommit);
    } catch (IOException | InvalidPathException e) {
      return Optional.empty();
    }
  }

  /** A file of a commit, if it is there and has as many bytes as it must. */
  Optional<Path> file(Repository repository, String commit, String file, long length) {
    try {
      Path path = snapshot(repository, commit).resolve(file);
      return Files.isRegularFile(path) && Files.size(path) == length
          ? Optional.of(path)
          : Optional.empty();
    } catch (IOException | InvalidPathException e) {
      return Optional.empty();
    }
  }

  /**
   * The files of a commit that are there.
   *
   * @param most how many there may be
   */
  NavigableMap<String, Entry> files(Repository repository, String commit, int most) {
    Path snapshot = snapshot(repository, commit);
    NavigableMap<String, Entry> files = new TreeMap<>();
    try (Stream<Path> found = Files.walk(snapshot, DEPTH)) {
      List<Path> regular = found.filter(Files::isRegularFile).limit(most + 1L).toList();
      if (regular.size() > most) {
        throw HubIndex.tooMany(repository, most);
      }
      for (Path file : regular) {
        String name = snapshot.relativize(file).toString();
        files.put(name, new Entry(Files.size(file), ""));
      }
    } catch (IOException | UncheckedIOException e) {
      throw BadInputException.broken(
          "%s: the Hub's cache cannot be read; see to the rights of its files", snapshot);
    }
    return files;
  }

  private Path snapshot(Repository repository, String commit) {
    return folder.resolve(repository.cacheFolder()).resolve("snapshots").resolve(commit);
  }
}
