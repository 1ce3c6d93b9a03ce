package io.tritmill.jobs.inspect;

import io.tritmill.jobs.failure.BadInputException;
import io.tritmill.jobs.failure.Printable;
import io.tritmill.jobs.inspect.Inspection.Table;
import io.tritmill.jobs.storage.Storage;
import io.tritmill.jobs.storage.StrictJson;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.Path;

/**
 * A folder that Hugging Face {@code datasets} wrote: Arrow shards and the {@code state.json} that
 * orders them, or one such folder for each split.
 */
final class DatasetFolder {
  private static final String STATE = "state.json";
  private static final String SPLITS = "dataset_dict.json";
  private static final int MAX_JSON_BYTES = 16_000_000;

  private final Storage storage;
  private final List<List<Object>> files = new ArrayList<>();
  private final Map<String, String> columns = new LinkedHashMap<>();
  private long rows;
  private long bytes;

  private DatasetFolder(Storage storage) {
    this.storage = storage;
  }

  /** Whether a folder with files of these names is one. */
  static boolean holds(List<String> names) {
    return names.contains(STATE) || names.contains(SPLITS);
  }

  static Inspection list(Storage storage, Path folder) {
    DatasetFolder dataset = new DatasetFolder(storage);
    Path splits = new Path(folder, SPLITS);
    if (storage.exists(splits)) {
      for (String split : dataset.names(splits, "splits")) {
        dataset.add(split, dataset.child(splits, folder, split));
      }
    } else {
      dataset.add("", folder);
    }
    Map<String, Object> summary = new LinkedHashMap<>();
    summary.put("rows", dataset.rows);
    summary.put("bytes", dataset.bytes);
    return new Inspection(
        folder.toString(),
        "dataset",
        summary,
        List.of(
            Listings.columns(dataset.columns),
            new Table(
                "files", List.of("split", "file", "rows", "batches", "bytes"), dataset.files)));
  }

  private void add(String split, Path folder) {
    Path state = new Path(folder, STATE);
    for (String name : names(state, "_data_files")) {
      Path file = child(state, folder, name);
      ArrowHeader header = ArrowHeader.read(storage, file);
      if (columns.isEmpty()) {
        columns.putAll(header.columns());
      } else if (!columns.equals(header.columns())) {
        throw BadInputException.broken(
            "%s: has the columns %s, but the files before it %s",
            file, Printable.of(header.columns().toString()), Printable.of(columns.toString()));
      }
      long length = storage.status(file).getLen();
      files.add(List.of(split, name, header.rows(), header.batches(), length));
      rows += header.rows();
      bytes += length;
    }
  }

  /** The strings, or the {@code filename}s of the objects, of a list in a JSON file. */
  private List<String> names(Path json, String key) {
    Map<String, Object> object =
        StrictJson.object(json.toString(), storage.read(json, MAX_JSON_BYTES));
    List<String> names = new ArrayList<>();
    if (object.get(key) instanceof List<?> list) {
      for (Object element : list) {
        Object name = element instanceof Map<?, ?> map ? map.get("filename") : element;
        if (name instanceof String text) {
          names.add(text);
        }
      }
      if (names.size() == list.size() && !names.isEmpty()) {
        return names;
      }
    }
    throw BadInputException.broken("%s: %s is no list of names, expected one", json, key);
  }

  /** Names come from a file: only those of the folder's own children are taken. */
  private Path child(Path json, Path folder, String name) {
    return storage.list(folder).stream()
        .map(FileStatus::getPath)
        .filter(path -> path.getName().equals(name))
        .findFirst()
        .orElseThrow(
            () ->
                BadInputException.broken(
                    "%s: names %s, which is not in its folder; is the download complete?",
                    json, Printable.of(name)));
  }
}
