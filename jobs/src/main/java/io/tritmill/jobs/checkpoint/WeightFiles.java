package io.tritmill.jobs.checkpoint;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.tritmill.jobs.failure.BadInputException;
import io.tritmill.jobs.failure.Printable;
import io.tritmill.jobs.storage.Storage;
import io.tritmill.jobs.storage.StrictJson;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.Path;

/**
 * Which files of a directory hold the weights: {@code model.safetensors}; or the shards that an
 * index names; or the only safetensors file there is.
 *
 * @param files by name
 * @param index tensor name to file name, where there is an index
 * @param unused names of safetensors files that are no part of the checkpoint
 */
record WeightFiles(
    SortedMap<String, Path> files, Optional<Map<String, String>> index, List<String> unused) {
  private static final String SINGLE = "model.safetensors";
  private static final String INDEX = "model.safetensors.index.json";
  private static final String EXTENSION = ".safetensors";
  private static final int MAX_INDEX_BYTES = 100_000_000;
  private static final int MAX_TENSORS = 1_000_000;

  /**
   * Finds them.
   *
   * @param listing the directory's files, by name
   * @throws BadInputException if there are none, too many to choose from, or only pickles
   */
  static WeightFiles find(Storage storage, Path directory, Map<String, FileStatus> listing) {
    List<String> weights =
        listing.keySet().stream().filter(name -> name.endsWith(EXTENSION)).sorted().toList();
    if (listing.containsKey(SINGLE)) {
      return of(listing, List.of(SINGLE), Optional.empty(), weights);
    }
    if (listing.containsKey(INDEX)) {
      Map<String, String> index = index(storage, listing.get(INDEX).getPath());
      List<String> shards = List.copyOf(new TreeSet<>(index.values()));
      for (String shard : shards) {
        if (!listing.containsKey(shard)) {
          throw BadInputException.broken(
              "%s: names the shard %s, which is not there; is the download complete?",
              listing.get(INDEX).getPath(), shard);
        }
      }
      return of(listing, shards, Optional.of(index), weights);
    }
    if (weights.size() == 1) {
      return of(listing, weights, Optional.empty(), weights);
    }
    if (weights.size() > 1) {
      throw BadInputException.broken(
          "%s: has %d safetensors files but no %s, expected one to say what belongs together; is"
              + " the download complete?",
          directory, weights.size(), INDEX);
    }
    throw nothing(storage, directory, listing);
  }

  /** Whether a file of this name holds weights, or says which file does. */
  static boolean isPart(String name) {
    return name.endsWith(EXTENSION) || name.equals(INDEX);
  }

  private static WeightFiles of(
      Map<String, FileStatus> listing,
      List<String> names,
      Optional<Map<String, String>> index,
      List<String> weights) {
    SortedMap<String, Path> files = new TreeMap<>();
    names.forEach(name -> files.put(name, listing.get(name).getPath()));
    return new WeightFiles(
        files, index, weights.stream().filter(name -> !files.containsKey(name)).toList());
  }

  private static BadInputException nothing(
      Storage storage, Path directory, Map<String, FileStatus> listing) {
    for (FileStatus file : listing.values()) {
      if (Pickle.named(file.getPath().getName()) || beginsLikePickle(storage, file)) {
        return Pickle.refused(file.getPath().toString());
      }
    }
    String remedy =
        storage.exists(new Path(directory, "snapshots"))
            ? "give one of the folders in its snapshots/"
            : "is this the folder of a checkpoint?";
    return BadInputException.broken(
        "%s: has no safetensors file, expected %s or %s; %s", directory, SINGLE, INDEX, remedy);
  }

  private static boolean beginsLikePickle(Storage storage, FileStatus file) {
    try (FSDataInputStream in = storage.openRanges(file.getPath())) {
      return Pickle.begins(in.readNBytes(4));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Map<String, String> index(Storage storage, Path path) {
    String file = path.toString();
    try (JsonParser parser = StrictJson.parser(storage.read(path, MAX_INDEX_BYTES))) {
      if (parser.nextToken() != JsonToken.START_OBJECT) {
        throw BadInputException.broken("%s: is no JSON object, expected a weight_map", file);
      }
      Map<String, String> map = null;
      while (parser.nextToken() != JsonToken.END_OBJECT) {
        String key = parser.currentName();
        parser.nextToken();
        if (key.equals("weight_map")) {
          map = weightMap(file, parser);
        } else {
          parser.skipChildren();
        }
      }
      if (map == null || map.isEmpty()) {
        throw BadInputException.broken(
            "%s: has no weight_map, expected one from tensor to file", file);
      }
      return map;
    } catch (IOException e) {
      throw StrictJson.refused(file, "the index", e);
    }
  }

  private static Map<String, String> weightMap(String file, JsonParser parser) throws IOException {
    if (parser.currentToken() != JsonToken.START_OBJECT) {
      throw BadInputException.broken("%s: weight_map is no object from tensor to file", file);
    }
    Map<String, String> map = new HashMap<>();
    Set<String> checked = new HashSet<>();
    while (parser.nextToken() != JsonToken.END_OBJECT) {
      String tensor = parser.currentName();
      if (parser.nextToken() != JsonToken.VALUE_STRING) {
        throw BadInputException.broken(
            "%s: weight_map gives no file name for %s, expected a string",
            file, Printable.of(tensor));
      }
      String shard = parser.getText();
      if (checked.add(shard)) {
        requireBaseName(file, tensor, shard);
      }
      map.put(tensor, shard);
      if (map.size() > MAX_TENSORS) {
        throw BadInputException.broken(
            "%s: weight_map has more than %d tensors, expected at most as many", file, MAX_TENSORS);
      }
    }
    return map;
  }

  private static void requireBaseName(String file, String tensor, String shard) {
    boolean plain =
        shard.endsWith(EXTENSION)
            && shard.length() <= 255
            && shard.chars().noneMatch(c -> c == '/' || c == '\\' || c == ':')
            && shard.codePoints().noneMatch(Character::isISOControl)
            && !shard.startsWith("..");
    if (!plain) {
      throw BadInputException.broken(
          "%s: weight_map puts %s into '%s', expected the plain name of a safetensors file in the"
              + " same folder; do not use this checkpoint unless you trust its source",
          file, Printable.of(tensor), Printable.of(shard));
    }
  }
}
