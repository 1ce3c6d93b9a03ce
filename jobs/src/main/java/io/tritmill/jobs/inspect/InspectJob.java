package io.tritmill.jobs.inspect;

import io.tritmill.jobs.checkpoint.Checkpoint;
import io.tritmill.jobs.checkpoint.Pickle;
import io.tritmill.jobs.checkpoint.SafetensorsHeader;
import io.tritmill.jobs.failure.BadInputException;
import io.tritmill.jobs.gguf.GgufHeader;
import io.tritmill.jobs.run.RunDirectory;
import io.tritmill.jobs.storage.Storage;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.List;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.Path;

/**
 * Lists what is in a file or folder, from headers alone: tensors of a safetensors file or a
 * checkpoint, keys and tensors of a GGUF file, columns and rows of an Arrow IPC file, an Arrow IPC
 * stream, a Hugging Face dataset folder, or what came of a run.
 *
 * <p>Nothing in the files is run, and no length in them is believed before it was held against the
 * file's. Files are known by their first bytes, not by their names.
 *
 * <pre>tritmill inspect models/demo-6m</pre>
 */
public final class InspectJob {
  private static final int FIRST_BYTES = 16;
  private static final String READABLE =
      "a safetensors, GGUF or Arrow IPC file, the folder of a checkpoint or of a run, or a Hugging"
          + " Face dataset folder";

  private InspectJob() {}

  /**
   * Lists a file or a folder.
   *
   * @throws BadInputException if it is missing, broken, or of a kind that cannot be listed
   */
  public static Inspection inspect(Storage storage, Path path) {
    if (storage.status(path).isDirectory()) {
      return folder(storage, path);
    }
    byte[] first = first(storage, path);
    if (new String(first, StandardCharsets.ISO_8859_1).startsWith("GGUF")) {
      return Listings.gguf(path, GgufHeader.read(storage, path));
    }
    if (ArrowHeader.begins(first)) {
      return Listings.arrow(path, ArrowHeader.read(storage, path));
    }
    if (path.getName().endsWith(".safetensors") || first.length > 8 && first[8] == '{') {
      return Listings.safetensors(SafetensorsHeader.read(storage, path));
    }
    if (Pickle.named(path.getName()) || Pickle.begins(first)) {
      throw Pickle.refused(path.toString());
    }
    throw BadInputException.broken(
        "%s: begins with the bytes %s, expected %s",
        path, HexFormat.ofDelimiter(" ").formatHex(first), READABLE);
  }

  private static Inspection folder(Storage storage, Path folder) {
    List<String> names =
        storage.list(folder).stream()
            .filter(FileStatus::isFile)
            .map(status -> status.getPath().getName())
            .toList();
    if (RunListing.holds(names)) {
      return RunListing.of(storage, RunDirectory.at(folder));
    }
    if (DatasetFolder.holds(names)) {
      return DatasetFolder.list(storage, folder);
    }
    boolean checkpoint =
        names.stream().anyMatch(name -> name.contains(".safetensors") || Pickle.named(name));
    if (checkpoint) {
      return Listings.checkpoint(Checkpoint.open(storage, folder));
    }
    throw BadInputException.broken(
        "%s: holds %s, expected %s",
        folder,
        names.isEmpty() ? "no files" : "%d files, none of them known".formatted(names.size()),
        READABLE);
  }

  private static byte[] first(Storage storage, Path file) {
    try (FSDataInputStream in = storage.open(file)) {
      return in.readNBytes(FIRST_BYTES);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
