package io.tritmill.jobs.format;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.core.type.TypeReference;
import io.tritmill.jobs.checkpoint.InputsFirst;
import io.tritmill.jobs.failure.BadInputException;
import io.tritmill.jobs.recipe.Transforms;
import io.tritmill.jobs.storage.Json;
import io.tritmill.jobs.storage.MayBeMissing;
import io.tritmill.kernels.code.BlockLevels;
import io.tritmill.kernels.code.Group;
import io.tritmill.kernels.code.IntegerLevels;
import io.tritmill.kernels.code.PlaneLayout;
import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * The description of packed tensors in a safetensors file's {@code __metadata__}; see FORMAT.md.
 */
public final class PackedMetadata {
  /** The version of files of a model that was not transformed. */
  static final String VERSION = "1";

  /** The version of files that a reader must know transforms for. */
  static final String TRANSFORMED_VERSION = "2";

  /** The version of files in which rows of a tensor differ in the number of their planes. */
  static final String BY_ROW_VERSION = "3";

  /** The version of files in which groups of a tensor are shifted. */
  static final String SHIFTED_VERSION = "4";

  /** The version of files in which a tensor's codes are integers. */
  static final String INTEGERS_VERSION = "5";

  /** The version of files in which a tensor is blocks as ggml lays them out. */
  static final String BLOCKS_VERSION = "6";

  /** The version of files in which these blocks are of 32 columns. */
  static final String SINGLE_RUNS_VERSION = "7";

  private static final Set<String> VERSIONS =
      new TreeSet<>(
          Set.of(
              VERSION,
              TRANSFORMED_VERSION,
              BY_ROW_VERSION,
              SHIFTED_VERSION,
              INTEGERS_VERSION,
              BLOCKS_VERSION,
              SINGLE_RUNS_VERSION));

  private static final String VERSION_KEY = "tritmill.format";
  private static final String TENSORS_KEY = "tritmill.tensors";
  private static final String TRANSFORMS_KEY = "tritmill.transforms";

  private PackedMetadata() {}

  /** Whether a file's metadata say that it was written by Tritmill. */
  public static boolean isPacked(Map<String, String> metadata) {
    return metadata.containsKey(VERSION_KEY);
  }

  /**
   * The metadata of a file.
   *
   * @param entries its packed tensors
   * @param inputsFirst names of its stacked tensors whose matrices have their inputs first
   */
  static Map<String, String> write(
      SortedMap<String, PackedEntry> entries,
      Collection<String> inputsFirst,
      Transforms transforms) {
    Map<String, Object> tensors = new LinkedHashMap<>();
    entries.forEach(
        (name, entry) -> {
          Map<String, Object> description = new LinkedHashMap<>();
          description.put("shape", List.of(entry.rows(), entry.columns()));
          switch (entry.levels()) {
            case PlaneLayout layout -> {
              description.put("planes", layout.planes());
              description.put("group", layout.group().toString());
              description.put("tied", layout.tied());
              if (entry.byRow()) {
                description.put("by_row", true);
              }
              if (layout.shifted()) {
                description.put("shifted", true);
              }
            }
            case IntegerLevels integers -> {
              description.put("bits", integers.bits());
              description.put("group", integers.group().toString());
              if (!integers.zeroPoints()) {
                description.put("zero", integers.zero());
              }
            }
            case BlockLevels blocks -> description.put("blocks", blocks.name());
          }
          description.put("dtype", entry.dtype());
          description.put("method", entry.method());
          tensors.put(name, description);
        });
    Map<String, String> metadata = new LinkedHashMap<>();
    metadata.put("format", "pt");
    metadata.put(VERSION_KEY, version(entries.values(), transforms));
    metadata.put(TENSORS_KEY, Json.line(tensors));
    if (!inputsFirst.isEmpty()) {
      metadata.put(InputsFirst.KEY, Json.line(inputsFirst));
    }
    if (!transforms.none()) {
      metadata.put(TRANSFORMS_KEY, Json.line(transforms));
    }
    return metadata;
  }

  /** The lowest version that has everything that these tensors and transforms need. */
  private static String version(Collection<PackedEntry> entries, Transforms transforms) {
    if (entries.stream()
        .anyMatch(entry -> entry.levels() instanceof BlockLevels blocks && blocks.single())) {
      return SINGLE_RUNS_VERSION;
    }
    if (entries.stream().anyMatch(entry -> entry.levels() instanceof BlockLevels)) {
      return BLOCKS_VERSION;
    }
    if (entries.stream().anyMatch(entry -> entry.levels() instanceof IntegerLevels)) {
      return INTEGERS_VERSION;
    }
    if (entries.stream()
        .anyMatch(entry -> entry.levels() instanceof PlaneLayout layout && layout.shifted())) {
      return SHIFTED_VERSION;
    }
    if (entries.stream().anyMatch(PackedEntry::byRow)) {
      return BY_ROW_VERSION;
    }
    return transforms.none() ? VERSION : TRANSFORMED_VERSION;
  }

  /**
   * Reads what was done to the model; nothing where the metadata does not speak of it.
   *
   * @param file named in messages
   * @throws BadInputException if it is malformed, or asks for what is unknown here
   */
  public static Transforms transforms(String file, Map<String, String> metadata) {
    String json = metadata.get(TRANSFORMS_KEY);
    if (json == null) {
      return Transforms.NONE;
    }
    TransformsJson read =
        Json.read(
            file, json.getBytes(StandardCharsets.UTF_8), new TypeReference<TransformsJson>() {});
    if (read.names() == null) {
      throw BadInputException.broken("%s: %s has no names", file, TRANSFORMS_KEY);
    }
    try {
      return new Transforms(read.names(), read.seed());
    } catch (IllegalArgumentException e) {
      throw BadInputException.unsupported("%s: %s", file, e.getMessage());
    }
  }

  private record TransformsJson(@MayBeMissing List<String> names, @MayBeMissing long seed) {}

  /**
   * Reads the packed tensors of a file; none when its metadata does not speak of any.
   *
   * @param file named in messages
   * @throws BadInputException if the description is of another version or malformed
   */
  public static SortedMap<String, PackedEntry> read(String file, Map<String, String> metadata) {
    SortedMap<String, PackedEntry> entries = new TreeMap<>();
    String version = metadata.get(VERSION_KEY);
    if (version == null) {
      return entries;
    }
    if (!VERSIONS.contains(version)) {
      throw BadInputException.unsupported(
          "%s: packed in format version %s, expected one of %s; use the release that wrote it",
          file, version, VERSIONS);
    }
    byte[] json = metadata.getOrDefault(TENSORS_KEY, "{}").getBytes(StandardCharsets.UTF_8);
    Json.read(file, json, new TypeReference<Map<String, Description>>() {})
        .forEach((name, description) -> entries.put(name, description.entry(file, name)));
    return entries;
  }

  private record Description(
      @MayBeMissing List<Integer> shape,
      @MayBeMissing int planes,
      @MayBeMissing Integer bits,
      @MayBeMissing Integer zero,
      @MayBeMissing String blocks,
      @MayBeMissing String group,
      @MayBeMissing boolean tied,
      @MayBeMissing @JsonProperty("by_row") boolean byRow,
      @MayBeMissing boolean shifted,
      String dtype,
      @MayBeMissing String method) {
    PackedEntry entry(String file, String name) {
      try {
        if (shape == null || shape.size() != 2 || shape.get(0) < 1 || shape.get(1) < 1) {
          throw new IllegalArgumentException(
              "shape is %s, expected rows and columns".formatted(shape));
        }
        if (blocks != null) {
          BlockLevels levels = BlockLevels.of(blocks);
          levels.pieces(shape.get(0), shape.get(1)); // refuses rows that are no whole blocks
          return new PackedEntry(shape.get(0), shape.get(1), levels, dtype, method);
        }
        if (group == null) {
          throw new IllegalArgumentException("group is missing");
        }
        if (bits != null) {
          int code = zero == null ? IntegerLevels.OF_GROUP : zero;
          return new PackedEntry(
              shape.get(0),
              shape.get(1),
              new IntegerLevels(bits, Group.parse(group), code),
              dtype,
              method);
        }
        PlaneLayout layout = new PlaneLayout(planes, Group.parse(group), tied);
        if (byRow && !tied) {
          throw new IllegalArgumentException("by_row is true and tied is not");
        }
        if (byRow && shifted) {
          throw new IllegalArgumentException("by_row and shifted are both true");
        }
        return new PackedEntry(
            shape.get(0),
            shape.get(1),
            shifted ? layout.withShift() : layout,
            byRow,
            dtype,
            method);
      } catch (IllegalArgumentException e) {
        throw BadInputException.broken("%s: packed tensor %s: %s", file, name, e.getMessage());
      }
    }
  }
}
