package io.tritmill.jobs.data;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.tritmill.jobs.failure.BadInputException;
import io.tritmill.jobs.storage.Storage;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.Path;

/**
 * The files of a data set, in the order in which they are read.
 *
 * @param kind kind of all files
 * @param files at least one
 * @param statedFingerprint what {@code datasets} wrote beside them
 */
record DataFiles(FileKind kind, List<Path> files, Optional<String> statedFingerprint) {
  private static final String STATE = "state.json";
  private static final String DICTIONARY = "dataset_dict.json";
  private static final Set<String> METADATA =
      Set.of(STATE, DICTIONARY, "dataset_info.json", "dataset_infos.json");
  private static final int MOST_DEPTH = 8;
  private static final int MOST_FILES = 1_000_000;
  private static final int LISTED_FOLDERS = 5;
  private static final int JSON_LIMIT = 16 << 20;
  private static final int FINGERPRINT_BYTES = 8;
  private static final ObjectMapper JSON = new ObjectMapper();

  /** Finds the files of what a user named. */
  static DataFiles find(Storage storage, Path path, Documents.Selection selection) {
    boolean directory = storage.status(path).isDirectory();
    if (directory && storage.exists(new Path(path, DICTIONARY))) {
      return saved(storage, new Path(path, chosenSplit(storage, path, selection)));
    }
    if (directory && !storage.exists(new Path(path, STATE))) {
      return plain(storage, path, selection);
    }
    requireNoSplit(path, selection);
    return directory
        ? saved(storage, path)
        : new DataFiles(FileKind.ofFile(storage, path), List.of(path), Optional.empty());
  }

  private static void requireNoSplit(Path path, Documents.Selection selection) {
    selection
        .split()
        .ifPresent(
            name -> {
              throw BadInputException.usage(
                  "%s: has no splits to choose %s from; leave the split out", path, name);
            });
  }

  private static String chosenSplit(Storage storage, Path path, Documents.Selection selection) {
    Path file = new Path(path, DICTIONARY);
    List<String> splits = new ArrayList<>();
    for (JsonNode name : json(storage, file).path("splits")) {
      splits.add(plainName(file, name));
    }
    return DataSplits.choose(path, splits, selection.split(), selection.preferredSplits());
  }

  /** A folder that {@code save_to_disk} wrote. */
  private static DataFiles saved(Storage storage, Path folder) {
    Path file = new Path(folder, STATE);
    JsonNode state = json(storage, file);
    for (String indices : List.of("_indices_files", "_indices_data_files")) {
      if (!state.path(indices).isEmpty()) {
        throw BadInputException.broken(
            "%s: has an indices mapping (%s), which is not read; call flatten_indices() and save"
                + " again",
            file, indices);
      }
    }
    List<Path> files = new ArrayList<>();
    for (JsonNode entry : state.path("_data_files")) {
      files.add(new Path(folder, plainName(file, entry.path("filename"))));
    }
    if (files.isEmpty()) {
      throw BadInputException.broken("%s: names no data files in _data_files", file);
    }
    JsonNode fingerprint = state.path("_fingerprint");
    return new DataFiles(
        FileKind.ARROW,
        List.copyOf(files),
        Optional.of(fingerprint.asText()).filter(text -> text.matches("[0-9A-Za-z_-]{1,64}")));
  }

  /** A folder in which somebody has put data files. */
  private static DataFiles plain(Storage storage, Path folder, Documents.Selection selection) {
    List<Path> all = new ArrayList<>();
    collect(storage, folder, 0, all);
    if (all.isEmpty()) {
      throw BadInputException.broken(
          "%s: holds no data files, whose names end in one of %s", folder, FileKind.allEndings());
    }
    Map<String, List<Path>> splits = DataSplits.of(folder, all);
    List<Path> files;
    if (splits.isEmpty()) {
      requireNoSplit(folder, selection);
      List<Path> direct = all.stream().filter(file -> file.getParent().equals(folder)).toList();
      files = direct.isEmpty() ? all : direct;
    } else {
      files =
          splits.get(
              DataSplits.choose(
                  folder,
                  List.copyOf(splits.keySet()),
                  selection.split(),
                  selection.preferredSplits()));
    }
    return ofOneKind(storage, folder, files);
  }

  /** Data files in a folder and below it, in the order of their names. */
  private static void collect(Storage storage, Path folder, int depth, List<Path> files) {
    for (FileStatus status : storage.list(folder)) {
      String name = status.getPath().getName();
      if (name.startsWith(".") || name.startsWith("_") || METADATA.contains(name)) {
        continue;
      }
      if (status.isDirectory()) {
        if (depth < MOST_DEPTH) {
          collect(storage, status.getPath(), depth + 1, files);
        }
      } else if (FileKind.ofName(name).isPresent()) {
        if (files.size() == MOST_FILES) {
          throw BadInputException.broken(
              "%s: holds more than %d data files; name a folder inside it", folder, MOST_FILES);
        }
        files.add(status.getPath());
      }
    }
  }

  private static DataFiles ofOneKind(Storage storage, Path folder, List<Path> files) {
    Set<Path> folders = new TreeSet<>();
    Set<FileKind> kinds = EnumSet.noneOf(FileKind.class);
    for (Path file : files) {
      folders.add(file.getParent());
      kinds.add(FileKind.ofName(file.getName()).orElseThrow());
    }
    // Folders side by side are usually several data sets.
    if (folders.size() > 1) {
      throw BadInputException.usage(
          "%s: the files to read lie in %d folders (%s), expected one; name one of them",
          folder,
          folders.size(),
          String.join(", ", folders.stream().limit(LISTED_FOLDERS).map(Path::getName).toList()));
    }
    Path only = folders.iterator().next();
    if (!only.equals(folder) && storage.exists(new Path(only, STATE))) {
      return saved(storage, only);
    }
    if (kinds.size() > 1) {
      throw BadInputException.broken(
          "%s: holds files of several kinds (%s), expected one; name one of the files",
          folder, String.join(", ", kinds.stream().map(FileKind::label).toList()));
    }
    return new DataFiles(kinds.iterator().next(), List.copyOf(files), Optional.empty());
  }

  private static JsonNode json(Storage storage, Path file) {
    byte[] content = storage.read(file, JSON_LIMIT);
    try {
      return JSON.readTree(content);
    } catch (IOException e) {
      throw BadInputException.broken("%s: is no JSON; was it written completely?", file);
    }
  }

  /** A name from a file, which must not lead out of its folder. */
  private static String plainName(Path file, JsonNode node) {
    String name = node.asText();
    if (node.isTextual() && !name.startsWith(".") && name.matches("[^/\\\\:\\p{Cntrl}]+")) {
      return name;
    }
    throw BadInputException.broken("%s: names %s, expected the plain name of a file", file, node);
  }

  /** 16 hexadecimal digits of the SHA-256 of names and contents. */
  String digest(Storage storage) {
    MessageDigest digest;
    try {
      digest = MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
    byte[] buffer = new byte[1 << 16];
    for (Path file : files) {
      digest.update(file.getName().getBytes(StandardCharsets.UTF_8));
      long length = storage.status(file).getLen();
      digest.update(ByteBuffer.allocate(1 + Long.BYTES).put((byte) 0).putLong(length).flip());
      try (InputStream in = storage.open(file)) {
        for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
          digest.update(buffer, 0, count);
        }
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
    return HexFormat.of().formatHex(digest.digest(), 0, FINGERPRINT_BYTES);
  }
}
