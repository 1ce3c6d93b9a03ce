package io.tritmill.jobs.run;

import com.fasterxml.jackson.core.type.TypeReference;
import io.tritmill.jobs.failure.BadInputException;
import io.tritmill.jobs.failure.ExitCode;
import io.tritmill.jobs.storage.Checksums;
import io.tritmill.jobs.storage.Json;
import io.tritmill.jobs.storage.Storage;
import java.io.Serializable;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.Path;

/**
 * Every file of a finished run with its size and checksum.
 *
 * <p>{@code MANIFEST.json} holds it; {@code _SUCCESS}, written last, holds the checksum of that
 * file. So a reader that checks the two knows whether anything in the directory was changed.
 *
 * @param version of this document
 * @param writtenBy release that wrote it
 * @param recipeSha256 checksum of recipe.yaml
 * @param model the checkpoint that was compressed
 * @param modelSha256 fingerprint of the checkpoint's headers and file sizes
 * @param files by path
 */
public record Manifest(
    int version,
    String writtenBy,
    String recipeSha256,
    String model,
    String modelSha256,
    List<Entry> files) {
  /** The version that is written and read. */
  public static final int VERSION = 1;

  private static final int MAX_BYTES = 1 << 28;

  /** What is not vouched for: itself, what goes away, and exports, which can be made again. */
  private static final Set<String> OUTSIDE =
      Set.of("MANIFEST.json", "_SUCCESS", "_LOCK", "_work", "export");

  /**
   * One file.
   *
   * @param path relative to the run directory
   * @param size bytes
   * @param sha256 checksum in hex
   */
  public record Entry(String path, long size, String sha256) implements Serializable {
    public Entry {
      // A manifest of strangers must not lead out of the run.
      if (path.isEmpty()
          || Arrays.stream(path.split("/", -1)).anyMatch(Set.of("", ".", "..")::contains)) {
        throw new IllegalArgumentException(
            "'%s' is no path of a file below the run".formatted(path));
      }
      if (size < 0) {
        throw new IllegalArgumentException(
            "%s has %d bytes, expected 0 or more".formatted(path, size));
      }
    }

    /** A sentence if the file is missing or has another length; else empty. */
    String problemOfSize(Storage storage, RunDirectory run) {
      Path file = new Path(run.path(), path);
      if (!storage.exists(file)) {
        return "%s: is missing".formatted(file);
      }
      long found = storage.status(file).getLen();
      return found == size
          ? ""
          : "%s: has %d bytes, the manifest says %d".formatted(file, found, size);
    }

    /** A sentence if the file is missing or its bytes are others; else empty. */
    public String problem(Storage storage, RunDirectory run) {
      String problem = problemOfSize(storage, run);
      if (!problem.isEmpty()) {
        return problem;
      }
      Path file = new Path(run.path(), path);
      String found = Checksums.sha256(storage, file);
      return found.equals(sha256)
          ? ""
          : "%s: has SHA-256 %s, the manifest says %s; its content was changed"
              .formatted(file, found, sha256);
    }
  }

  public Manifest {
    files = files.stream().sorted(Comparator.comparing(Entry::path)).toList();
  }

  /**
   * The manifest of all that lies in a run directory.
   *
   * @param model URI of the checkpoint
   * @param modelSha256 fingerprint of the checkpoint
   * @param known files whose checksums were derived as they were written
   */
  public static Manifest of(
      Storage storage, RunDirectory run, String model, String modelSha256, List<Entry> known) {
    Map<String, Entry> entries = new TreeMap<>();
    known.forEach(entry -> entries.put(entry.path(), entry));
    for (Path file : contents(storage, run)) {
      entries.computeIfAbsent(
          relative(run, file),
          path -> new Entry(path, storage.status(file).getLen(), Checksums.sha256(storage, file)));
    }
    return new Manifest(
        VERSION,
        Release.name(),
        Checksums.sha256(storage, run.recipe()),
        model,
        modelSha256,
        List.copyOf(entries.values()));
  }

  /** Reads a run's manifest and checks it against {@code _SUCCESS}. */
  public static Manifest read(Storage storage, RunDirectory run) {
    if (!storage.exists(run.manifest())) {
      throw new BadInputException(
          ExitCode.VERIFICATION_FAILED,
          "%s: is missing, but _SUCCESS says that the run was complete".formatted(run.manifest()));
    }
    byte[] content = storage.read(run.manifest(), MAX_BYTES);
    byte[] success = storage.read(run.success(), 1 << 10);
    String expected = new String(success, StandardCharsets.UTF_8);
    if (!expected.equals(Checksums.sha256(content) + "\n")) {
      throw new BadInputException(
          ExitCode.VERIFICATION_FAILED,
          "%s: does not have the checksum that _SUCCESS names; one of the two was changed"
              .formatted(run.manifest()));
    }
    return parse(run, content);
  }

  /** Reads a run's manifest where an interrupted change may have left no {@code _SUCCESS}. */
  public static Manifest readUnsealed(Storage storage, RunDirectory run) {
    if (storage.exists(run.success())) {
      return read(storage, run);
    }
    byte[] content = storage.read(run.manifest(), MAX_BYTES);
    BrokenSeal.requireManifest(storage, run, content);
    return parse(run, content);
  }

  /** Takes {@code _SUCCESS} away, so that files may be changed. */
  static void unseal(Storage storage, RunDirectory run) {
    BrokenSeal.open(storage, run, storage.read(run.manifest(), MAX_BYTES));
  }

  /** The files that an evaluation, or a gate that decides again, leaves as they are. */
  public List<Entry> beforeEvaluation(RunDirectory run) {
    return files.stream().filter(entry -> !isOfEvaluation(run, entry.path())).toList();
  }

  /**
   * Whether a file, by its path relative to the run, is one that an evaluation or a gate writes.
   */
  static boolean isOfEvaluation(RunDirectory run, String path) {
    return path.equals(relative(run, run.summary()))
        || path.equals(relative(run, run.gate()))
        || path.startsWith(relative(run, run.evaluations()) + "/");
  }

  private static Manifest parse(RunDirectory run, byte[] content) {
    Manifest manifest =
        Json.read(run.manifest().toString(), content, new TypeReference<Manifest>() {});
    if (manifest.version() != VERSION) {
      throw BadInputException.unsupported(
          "%s: is of version %d, expected %d; use the release that wrote it",
          run.manifest(), manifest.version(), VERSION);
    }
    return manifest;
  }

  /** Writes the manifest, then {@code _SUCCESS}: from then on the run is complete. */
  public void publish(Storage storage, RunDirectory run) {
    byte[] content = Json.document(this);
    BrokenSeal.expect(storage, run, content);
    storage.delete(run.success());
    storage.publish(run.manifest(), content);
    storage.publish(
        run.success(), (Checksums.sha256(content) + "\n").getBytes(StandardCharsets.UTF_8));
    storage.delete(run.brokenSeal());
  }

  /**
   * Every file below the run directory but the manifest, the success mark, the lock, what resuming
   * needs and what is hidden: files that a killed attempt was still writing, or that a desktop left
   * there.
   */
  public static List<Path> contents(Storage storage, RunDirectory run) {
    List<Path> found = new ArrayList<>();
    for (FileStatus status : storage.list(run.path())) {
      if (!OUTSIDE.contains(status.getPath().getName())) {
        gather(storage, status, found);
      }
    }
    return found;
  }

  /** The path of a file relative to the run directory. */
  public static String relative(RunDirectory run, Path file) {
    String base = run.path().toUri().getPath();
    return file.toUri().getPath().substring(base.length() + 1);
  }

  private static void gather(Storage storage, FileStatus status, List<Path> found) {
    if (status.getPath().getName().startsWith(".")) {
      return;
    }
    if (status.isDirectory()) {
      storage.list(status.getPath()).forEach(inner -> gather(storage, inner, found));
    } else {
      found.add(status.getPath());
    }
  }
}
