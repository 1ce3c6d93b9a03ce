package io.tritmill.jobs.calibrate.stream;

import io.tritmill.jobs.storage.CheckedJson;
import io.tritmill.jobs.storage.Storage;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.apache.hadoop.fs.Path;

/**
 * Where the streams of all chunks lie: a small file that is replaced when all of them are a
 * sublayer further, before older ones are deleted.
 */
public final class Streams {
  private static final int MAX_FILE = 1 << 28;

  private final Storage storage;
  private final HeldFiles files;
  private final Path file;
  private State state = new State(List.of(), Map.of());

  /**
   * What the file holds.
   *
   * @param streams of all chunks, in their order
   * @param hidden error of the compressed streams behind each block
   */
  private record State(List<StreamFiles> streams, Map<Integer, HiddenError> hidden) {}

  /**
   * @param files holds those of the current streams
   */
  public Streams(Storage storage, HeldFiles files, Path directory) {
    this.storage = storage;
    this.files = files;
    file = new Path(directory, "streams.json");
  }

  /** Whether an earlier attempt left the streams of so many chunks, which are current then. */
  public boolean resume(int chunks) {
    if (!storage.exists(file)) {
      return false;
    }
    Optional<State> found =
        CheckedJson.read(
                file.toString(),
                storage.read(file, MAX_FILE),
                State.class,
                sentence -> System.err.println(sentence + "; the streams are computed again"))
            .filter(left -> left.streams().size() == chunks)
            .filter(
                left ->
                    names(left.streams()).stream()
                        .allMatch(name -> storage.exists(new Path(name))));
    found.ifPresent(
        left -> {
          state = left;
          files.hold(names(left.streams()));
        });
    return found.isPresent();
  }

  /** The streams of all chunks, in their order. */
  public List<StreamFiles> current() {
    return state.streams();
  }

  /** The error behind each block that has been left. */
  public Map<Integer, HiddenError> hidden() {
    return state.hidden();
  }

  /** Takes the streams of all chunks where the first block begins. */
  public void restart(List<StreamFiles> begun) {
    replace(new State(begun, Map.of()));
  }

  /**
   * Takes the streams of all chunks, in their order; those before them are deleted.
   *
   * @param block that they have left
   * @param error of the compressed streams if they have left a block; else null
   */
  public void replace(List<StreamFiles> streams, int block, HiddenError error) {
    if (streams.equals(state.streams())) {
      return;
    }
    Map<Integer, HiddenError> hidden = new TreeMap<>(state.hidden());
    if (error != null) {
      hidden.put(block, error);
    }
    replace(new State(streams, hidden));
  }

  private void replace(State next) {
    storage.publish(file, CheckedJson.document(next));
    files.hold(names(next.streams()));
    Set<String> old = names(state.streams());
    state = next;
    files.letGo(old);
  }

  private static Set<String> names(List<StreamFiles> streams) {
    Set<String> names = new TreeSet<>();
    streams.forEach(one -> names.addAll(one.names()));
    return names;
  }
}
