package io.tritmill.jobs.hub;

import io.tritmill.jobs.failure.BadInputException;
import io.tritmill.jobs.failure.Reason;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.URI;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;
import org.apache.hadoop.fs.Path;

/**
 * Which commit a revision is, and which files it has; asked once, so that everything that is read
 * through one file system is of one commit, whatever happens to a branch meanwhile.
 */
final class HubIndex {
  private static final int MOST_FILES = 250_000;
  private static final int MOST_PAGES = 5_000;
  private static final int PAGE_BYTES = 16 << 20;

  private final HubSettings settings;
  private final HubClient client;
  private final HubCache cache;
  private final Map<String, Snapshot> snapshots = new HashMap<>();

  HubIndex(HubSettings settings, HubClient client, HubCache cache) {
    this.settings = settings;
    this.client = client;
    this.cache = cache;
  }

  /** A path and the commit that it is read from. */
  record Located(HubPath path, Snapshot snapshot) {}

  /**
   * Finds what a path means.
   *
   * @throws BadInputException if there is no such repository or revision, or it may not be read
   */
  synchronized Located locate(Path path) throws InterruptedIOException {
    List<HubPath> readings = HubPath.readings(path);
    for (HubPath reading : readings) {
      Optional<Snapshot> snapshot = snapshot(reading);
      if (snapshot.isPresent()) {
        return new Located(reading, snapshot.get());
      }
    }
    throw settings.offline()
        ? notInCache(readings.getFirst())
        : HubFailure.noRepository(readings.getFirst().repository(), settings);
  }

  /** Empty if there is no such repository. */
  private Optional<Snapshot> snapshot(HubPath path) throws InterruptedIOException {
    Repository repository = path.repository();
    String key = repository.uri() + "@" + path.revision();
    Snapshot known = snapshots.get(key);
    if (known != null) {
      return Optional.of(known);
    }
    Optional<Snapshot> found =
        settings.offline()
            ? cache
                .commit(repository, path.revision())
                .map(it -> new Snapshot(repository, it, cache.files(repository, it, MOST_FILES)))
            : fetched(path);
    found.ifPresent(
        snapshot -> {
          snapshots.put(key, snapshot);
          snapshots.putIfAbsent(repository.uri() + "@" + snapshot.commit(), snapshot);
        });
    return found;
  }

  private Optional<Snapshot> fetched(HubPath path) throws InterruptedIOException {
    Optional<String> commit =
        HubCache.isCommit(path.revision()) ? Optional.of(path.revision()) : commit(path);
    if (commit.isEmpty()) {
      return Optional.empty();
    }
    Repository repository = path.repository();
    Snapshot same = snapshots.get(repository.uri() + "@" + commit.get());
    if (same != null) {
      return Optional.of(same);
    }
    return files(path, commit.get()).map(it -> new Snapshot(repository, commit.get(), it));
  }

  private Optional<String> commit(HubPath path) throws InterruptedIOException {
    URI address = client.address(path.repository().revision(path.revision()));
    Reply reply = client.document(path.toString(), address, PAGE_BYTES);
    if (!reply.ok()) {
      return missing(path, reply);
    }
    try {
      return Optional.of(
          TreePage.commit(reply.body().bytes())
              .filter(HubCache::isCommit)
              .orElseThrow(() -> new IOException("it names no commit")));
    } catch (IOException e) {
      throw noHub(path, address, e);
    }
  }

  private Optional<NavigableMap<String, Entry>> files(HubPath path, String commit)
      throws InterruptedIOException {
    NavigableMap<String, Entry> files = new TreeMap<>();
    URI address = client.address(path.repository().tree(commit) + "?recursive=true");
    for (int page = 0; page < MOST_PAGES && files.size() <= MOST_FILES; page++) {
      Reply reply = client.document(path.toString(), address, PAGE_BYTES);
      if (!reply.ok()) {
        return missing(path, reply);
      }
      try {
        TreePage.read(reply.body().bytes(), files);
        Optional<String> next = TreePage.next(reply);
        if (next.isEmpty()) {
          return Optional.of(files);
        }
        address = HubClient.resolve(reply.from(), next.get());
      } catch (IOException e) {
        throw noHub(path, address, e);
      }
    }
    throw tooMany(path.repository(), MOST_FILES);
  }

  private <T> Optional<T> missing(HubPath path, Reply reply) {
    if (HubFailure.isOfRepository(reply, settings)) {
      return Optional.empty();
    }
    throw HubFailure.refused(path, reply, settings);
  }

  private static BadInputException noHub(HubPath path, URI address, IOException e) {
    return BadInputException.broken(
        "%s: what %s answers is not understood (%s); is HF_ENDPOINT the address of a Hub?",
        path, address.getAuthority(), Reason.of(e));
  }

  private BadInputException notInCache(HubPath path) {
    return BadInputException.broken(
        "%s: HF_HUB_OFFLINE is set, and the Hub's cache in %s has no revision %s of it; download it"
            + " first, or unset HF_HUB_OFFLINE",
        path.repository().uri(), cache.folder(), path.revision());
  }

  static BadInputException tooMany(Repository repository, int most) {
    return BadInputException.unsupported(
        "%s: has more than %d files, expected at most as many; download the part that is needed",
        repository.uri(), most);
  }
}
