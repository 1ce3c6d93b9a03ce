package io.tritmill.jobs.hub;

import io.tritmill.jobs.failure.BadInputException;
import io.tritmill.jobs.hub.HubIndex.Located;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.net.URI;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.permission.FsPermission;
import org.apache.hadoop.util.Progressable;

/**
 * The Hugging Face Hub, which is only read: {@code hf://ORG/NAME[@REVISION]/FILE} of a model,
 * {@code hf://datasets/ORG/NAME[@REVISION]/FILE} of a data set.
 *
 * <p>Lengths come from the list of a commit's files, asked once; bytes as ranges, or from the cache
 * of the Hub's own client. A revision that moves is read as the commit that it was when it was
 * first asked for; {@link #resolvePath} tells which. What the Hub refuses is a {@link
 * BadInputException}, a file that is not there a {@link FileNotFoundException}.
 */
public final class HubFileSystem extends FileSystem {
  /** What its paths begin with. */
  public static final String SCHEME = "hf";

  private static final String IMPLEMENTATION = "fs.hf.impl";

  private final UnaryOperator<String> environment;
  private URI uri;
  private Path workingDirectory;
  private HubSettings settings;
  private HubClient client;
  private HubCache cache;
  private HubIndex index;

  /** For Hadoop. */
  public HubFileSystem() {
    this(System::getenv);
  }

  HubFileSystem(UnaryOperator<String> environment) {
    this.environment = environment;
  }

  /**
   * Makes {@code hf:} known to whoever has these settings, driver or executor: Hadoop looks for
   * services once, as a rule before {@code spark-submit} has loaded our jar.
   */
  public static void register(Configuration configuration) {
    configuration.setIfUnset(IMPLEMENTATION, HubFileSystem.class.getName());
    HubSettings.share(configuration, System::getenv);
  }

  @Override
  public void initialize(URI name, Configuration configuration) throws IOException {
    super.initialize(name, configuration);
    setConf(configuration);
    Path root = new Path(SCHEME, name.getAuthority(), Path.SEPARATOR);
    uri = root.toUri();
    workingDirectory = root;
    settings = HubSettings.of(configuration, environment);
    client = new HubClient(settings);
    cache = new HubCache(settings.cache());
    index = new HubIndex(settings, client, cache);
  }

  @Override
  public String getScheme() {
    return SCHEME;
  }

  @Override
  public URI getUri() {
    return uri;
  }

  @Override
  public Path getWorkingDirectory() {
    return workingDirectory;
  }

  @Override
  public void setWorkingDirectory(Path directory) {
    workingDirectory = makeQualified(directory);
  }

  /** Nobody gives out tickets for the Hub. */
  @Override
  public String getCanonicalServiceName() {
    return null;
  }

  private Located locate(Path path) throws IOException {
    checkPath(path);
    return index.locate(makeQualified(path));
  }

  /** The same place in the commit that is read, whether there is anything or not. */
  @Override
  public Path resolvePath(Path path) throws IOException {
    Located located = locate(path);
    return located.path().at(located.snapshot().commit());
  }

  @Override
  public FSDataInputStream open(Path path, int bufferSize) throws IOException {
    Located located = locate(path);
    Snapshot snapshot = located.snapshot();
    String file = located.path().file();
    Optional<Entry> entry = snapshot.file(file);
    if (entry.isEmpty()) {
      throw new FileNotFoundException(
          path + (snapshot.isFolder(file) ? ": is a folder" : ": no such file"));
    }
    Optional<java.nio.file.Path> local =
        cache.file(snapshot.repository(), snapshot.commit(), file, entry.get().length());
    if (local.isPresent()) {
      return getLocal(getConf()).getRawFileSystem().open(new Path(local.get().toUri()), bufferSize);
    }
    if (settings.offline()) {
      throw BadInputException.broken(
          "%s: was removed from the Hub's cache in %s while it was used, and HF_HUB_OFFLINE is set",
          path, cache.folder());
    }
    RemoteFile remote =
        snapshot
            .opened()
            .computeIfAbsent(
                file,
                name ->
                    new RemoteFile(
                        client,
                        settings,
                        new HubPath(snapshot.repository(), snapshot.commit(), name),
                        entry.get()));
    return new FSDataInputStream(new HubInputStream(remote, statistics));
  }

  @Override
  public FileStatus getFileStatus(Path path) throws IOException {
    Located located = locate(path);
    String file = located.path().file();
    Optional<Entry> entry = located.snapshot().file(file);
    if (entry.isEmpty() && !located.snapshot().isFolder(file)) {
      throw new FileNotFoundException(path + ": no such file or folder");
    }
    return status(makeQualified(path), entry.orElse(null));
  }

  @Override
  public FileStatus[] listStatus(Path path) throws IOException {
    FileStatus self = getFileStatus(path);
    if (self.isFile()) {
      return new FileStatus[] {self};
    }
    Located located = locate(path);
    Map<String, Entry> children = located.snapshot().children(located.path().file());
    URI parent = self.getPath().toUri();
    String prefix = parent.getPath().endsWith("/") ? parent.getPath() : parent.getPath() + "/";
    return children.entrySet().stream()
        .map(
            child ->
                status(
                    new Path(SCHEME, parent.getAuthority(), prefix + child.getKey()),
                    child.getValue()))
        .toArray(FileStatus[]::new);
  }

  /** A commit's files have no time of their own, and never change. */
  private FileStatus status(Path path, Entry entry) {
    return entry == null
        ? new FileStatus(0, true, 1, 0, 0, path)
        : new FileStatus(entry.length(), false, 1, getDefaultBlockSize(path), 0, path);
  }

  /**
   * What to throw where something would be written.
   *
   * @param path as the user wrote it
   */
  public static BadInputException readOnly(Object path) {
    return BadInputException.usage(
        "%s: the Hub is only read; write to a local folder, HDFS or a store, and upload from there",
        path);
  }

  @Override
  public FSDataOutputStream create(
      Path path,
      FsPermission permission,
      boolean overwrite,
      int bufferSize,
      short replication,
      long blockSize,
      Progressable progress) {
    throw readOnly(path);
  }

  @Override
  public FSDataOutputStream append(Path path, int bufferSize, Progressable progress) {
    throw readOnly(path);
  }

  @Override
  public boolean rename(Path from, Path to) {
    throw readOnly(from);
  }

  @Override
  public boolean delete(Path path, boolean recursive) {
    throw readOnly(path);
  }

  @Override
  public boolean mkdirs(Path path, FsPermission permission) {
    throw readOnly(path);
  }
}
