package io.tritmill.jobs.recipe;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.CodeSource;
import java.util.List;
import java.util.jar.JarFile;
import java.util.stream.Stream;

/** What lies in a folder of the jar, or of the directory of classes, that a class came from. */
final class ClassPathFolder {
  private ClassPathFolder() {}

  /**
   * Names of the files directly in a folder, sorted.
   *
   * @param neighbour a class from the same jar
   * @param folder path in the jar, without slashes at its ends
   */
  static List<String> names(Class<?> neighbour, String folder) {
    return paths(neighbour, folder).stream().filter(path -> path.indexOf('/') < 0).toList();
  }

  /**
   * Paths of the files in a folder and in those below it, from the folder on, sorted.
   *
   * @param neighbour a class from the same jar
   * @param folder path in the jar, without slashes at its ends
   */
  static List<String> paths(Class<?> neighbour, String folder) {
    CodeSource source = neighbour.getProtectionDomain().getCodeSource();
    if (source == null) {
      throw new IllegalStateException(neighbour + " does not say where it was loaded from");
    }
    try {
      File place = new File(source.getLocation().toURI());
      return place.isDirectory()
          ? inDirectory(place.toPath().resolve(folder))
          : inJar(place, folder);
    } catch (URISyntaxException e) {
      throw new IllegalStateException("Not a place of classes: " + source.getLocation(), e);
    }
  }

  private static List<String> inDirectory(Path directory) {
    if (!Files.isDirectory(directory)) {
      return List.of();
    }
    try (Stream<Path> files = Files.walk(directory)) {
      return files
          .filter(Files::isRegularFile)
          .map(file -> directory.relativize(file).toString().replace(File.separatorChar, '/'))
          .sorted()
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static List<String> inJar(File file, String folder) {
    String prefix = folder + "/";
    try (JarFile jar = new JarFile(file);
        Stream<String> entries = jar.stream().map(entry -> entry.getName())) {
      return entries
          .filter(name -> name.startsWith(prefix) && !name.endsWith("/"))
          .map(name -> name.substring(prefix.length()))
          .sorted()
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
