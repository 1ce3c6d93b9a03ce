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
import java.util.EnumMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
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
  private static final List<String> PREFERRED_SPLITS = List.of("test", "validation");
  private static final int JSON_LIMIT = 16 << 20;
  private static final int FINGERPRINT_BYTES = 8;
  private static final ObjectMapper JSON = new ObjectMapper();

  /** Finds the files of what a user named. */
  static DataFiles find(Storage storage, Path path, Optional<String> split) {
    boolean directory = storage.status(path).isDirectory();
    if (directory && storage.exists(new Path(path, DICTIONARY))) {
      return saved(storage, new Path(path, chosenSplit(storage, path, split)));
    }
    split.ifPresent(
        name -> {
          throw BadInputException.usage(
              "%s: has no splits to choose %s from; leave the split out", path, name);
        });
    if (!directory) {
      return new DataFiles(FileKind.ofFile(storage, path), List.of(path), Optional.empty());
    }
    return storage.exists(new Path(path, STATE)) ? saved(storage, path) : plain(storage, path);
  }

  private static String chosenSplit(Storage storage, Path path, Optional<String> split) {
    Path file = new Path(path, DICTIONARY);
    List<String> splits = new ArrayList<>();
    for (JsonNode name : json(storage, file).path("splits")) {
      splits.add(plainName(file, name));
    }
    if (split.isPresent()) {
      if (splits.contains(split.get())) {
        return split.get();
      }
      throw BadInputException.usage("%s: has no split %s, only %s", path, split.get(), splits);
    }
    Optional<String> preferred = PREFERRED_SPLITS.stream().filter(splits::contains).findFirst();
    if (preferred.isPresent()) {
      return preferred.get();
    }
    if (splits.size() == 1) {
      return splits.getFirst();
    }
    throw BadInputException.usage("%s: choose one of the splits %s", path, splits);
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
  private static DataFiles plain(Storage storage, Path folder) {
    Map<FileKind, List<Path>> found = new EnumMap<>(FileKind.class);
    for (FileStatus status : storage.list(folder)) {
      String name = status.getPath().getName();
      boolean hidden = name.startsWith(".") || name.startsWith("_");
      if (status.isFile() && !hidden && !METADATA.contains(name)) {
        FileKind.ofName(name)
            .ifPresent(
                kind ->
                    found.computeIfAbsent(kind, none -> new ArrayList<>()).add(status.getPath()));
      }
    }
    if (found.isEmpty()) {
      throw BadInputException.broken(
          "%s: holds no data files, whose names end in one of %s", folder, FileKind.allEndings());
    }
    if (found.size() > 1) {
      throw BadInputException.broken(
          "%s: holds files of several kinds (%s), expected one; name one of the files",
          folder, String.join(", ", found.keySet().stream().map(FileKind::label).toList()));
    }
    Map.Entry<FileKind, List<Path>> only = found.entrySet().iterator().next();
    return new DataFiles(only.getKey(), List.copyOf(only.getValue()), Optional.empty());
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
