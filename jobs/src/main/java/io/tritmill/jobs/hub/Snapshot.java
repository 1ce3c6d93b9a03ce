package io.tritmill.jobs.hub;

import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The files of a commit of a repository.
 *
 * @param files by their paths
 * @param opened those that were read from the Hub, by their paths
 */
record Snapshot(
    Repository repository,
    String commit,
    NavigableMap<String, Entry> files,
    Map<String, RemoteFile> opened) {
  Snapshot(Repository repository, String commit, NavigableMap<String, Entry> files) {
    this(repository, commit, files, new ConcurrentHashMap<>());
  }

  Optional<Entry> file(String path) {
    return Optional.ofNullable(files.get(path));
  }

  boolean isFolder(String path) {
    return path.isEmpty() || !below(path).isEmpty();
  }

  /** Names in a folder, with the file of each; null where it is a folder. */
  Map<String, Entry> children(String folder) {
    int prefix = folder.isEmpty() ? 0 : folder.length() + 1;
    Map<String, Entry> children = new TreeMap<>();
    below(folder)
        .forEach(
            (path, entry) -> {
              int slash = path.indexOf('/', prefix);
              children.put(
                  path.substring(prefix, slash < 0 ? path.length() : slash),
                  slash < 0 ? entry : null);
            });
    return children;
  }

  private NavigableMap<String, Entry> below(String folder) {
    // The character behind a slash ends what begins with the folder and a slash.
    return folder.isEmpty() ? files : files.subMap(folder + "/", false, folder + "0", false);
  }
}
