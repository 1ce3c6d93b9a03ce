package io.tritmill.jobs.export;

import io.tritmill.jobs.checkpoint.Checkpoint;
import io.tritmill.jobs.failure.BadInputException;
import io.tritmill.jobs.gguf.GgufFiles;
import io.tritmill.jobs.run.RunDirectory;
import io.tritmill.jobs.storage.Storage;
import io.tritmill.kernels.carrier.BlockCarrier;
import io.tritmill.kernels.code.BlockLevels;
import io.tritmill.kernels.code.Group;
import io.tritmill.kernels.quantize.Quantizer;
import io.tritmill.kernels.quantize.round.FourLevels;
import io.tritmill.kernels.quantize.round.Int;
import io.tritmill.kernels.quantize.round.Ptqtp;
import io.tritmill.kernels.quantize.round.Q2K;
import io.tritmill.kernels.quantize.round.Q3K;
import io.tritmill.kernels.quantize.round.Q4K;
import io.tritmill.kernels.quantize.round.Q4_1;
import io.tritmill.kernels.quantize.round.Q5K;
import io.tritmill.kernels.quantize.round.Q5_1;
import io.tritmill.kernels.quantize.round.Q6K;
import io.tritmill.kernels.tensor.DType;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.apache.hadoop.fs.Path;

/**
 * Files of llama.cpp and of whatever else reads GGUF.
 *
 * @param wanted type of ggml that packed matrices get, {@code auto} for the smallest that is exact,
 *     {@code ptqtp} for a tensor of each plane
 * @param settings what else is asked for
 */
record GgufFormat(String wanted, ExportSettings settings) implements ExportFormat {
  private static final String AUTO = "auto";
  private static final String PLANES = "ptqtp";

  /** The embedding, as ggml calls it. */
  static final String EMBEDDING = "token_embd.weight";

  private static final String HEAD = "output.weight";
  private static final int PLANES_VERSION = 1;

  /** The types that matrices can be rounded to, the smallest first, and how. */
  private static final Map<String, RowType> ROUNDED = new LinkedHashMap<>();

  static {
    put(BlockCarrier.TQ1_0, new Ptqtp(1, Group.of(256), false, 50));
    put(BlockCarrier.TQ2_0, new FourLevels(Group.of(256)));
    put(BlockCarrier.Q2_0, new FourLevels(Group.of(64)));
    put(new Q2K());
    put(new Q3K());
    put(BlockCarrier.Q4_0, new Int(4, Group.of(32), true));
    put(new Q4K());
    put(new Q4_1());
    put(BlockCarrier.Q5_0, new Int(5, Group.of(32), true));
    put(new Q5K());
    put(new Q5_1());
    put(new Q6K());
    put(BlockCarrier.Q8_0, new Int(8, Group.of(32), true));
    for (DType type : List.of(DType.F16, DType.BF16, DType.F32)) {
      ROUNDED.put(type.name().toLowerCase(Locale.ROOT), new RowType.Plain(type));
    }
  }

  GgufFormat {
    String table = settings.tableType();
    if (table != null && !table.equals(AUTO) && !ROUNDED.containsKey(table)) {
      throw BadInputException.usage(
          "--table-type is %s, expected one of %s, %s",
          table, AUTO, String.join(", ", ROUNDED.keySet()));
    }
  }

  private static void put(BlockCarrier carrier, Quantizer method) {
    put(new RowType.Carried(carrier), method);
  }

  private static void put(Quantizer blocks) {
    put(new RowType.Stored((BlockLevels) blocks.levels()), blocks);
  }

  private static void put(RowType exact, Quantizer method) {
    ROUNDED.put(exact.type().name().toLowerCase(Locale.ROOT), new RowType.Rounded(exact, method));
  }

  /** What may stand behind {@code gguf:}. */
  static List<String> types() {
    List<String> types = new ArrayList<>(List.of(AUTO, PLANES));
    types.addAll(ROUNDED.keySet());
    return types;
  }

  @Override
  public String name() {
    return "gguf:" + wanted;
  }

  @Override
  public void requireModel(Storage storage, Checkpoint source) {
    GgufDescription.of(storage, source, FamilyWeights.tensors(source));
  }

  /** The file, or what its parts are named after. */
  @Override
  public Path opened(Path output, RunDirectory run) {
    return GgufFiles.named(output.getName())
        ? output
        : new Path(output, run.runId() + "-" + wanted + ".gguf");
  }

  /** What opens a file of it. */
  String command(String file) {
    return wanted.equals(PLANES)
        ? file + " in a runtime that multiplies by planes; llama.cpp does not"
        : "llama-cli -m " + file;
  }

  @Override
  public String lastFile() {
    return "README.md";
  }

  @Override
  public SettledExport settle(Storage storage, RunDirectory run, PackedRun model, Path output) {
    return new GgufExport(storage, run, model, this, output);
  }

  /** Whether planes are written side by side, as the runtime has them that sums them. */
  boolean planes() {
    return wanted.equals(PLANES);
  }

  /** Whether a tensor is the embedding or the head. */
  static boolean isTable(String name) {
    return name.equals(EMBEDDING) || name.equals(HEAD);
  }

  /** What must be said of the types that were chosen. */
  Map<String, Object> keys(List<TypedTensor> tensors) {
    List<TypedTensor> planes =
        tensors.stream().filter(one -> one.type() instanceof RowType.OfPlane).toList();
    Map<String, Object> keys = new LinkedHashMap<>();
    if (!planes.isEmpty()) {
      keys.put("fucina.ptqtp.version", PLANES_VERSION);
      if (planes.stream().allMatch(one -> one.weights().tied())) {
        keys.put("fucina.ptqtp.tie_scales", 1);
      }
    }
    return keys;
  }

  /**
   * The types that a tensor may get, the first one first that holds it; none where it is to be as
   * it is.
   *
   * @param table whether it is the embedding or the head
   * @param packed whether codes are packed
   */
  List<RowType> candidates(boolean table, boolean packed) {
    boolean asked = table && settings.tableType() != null;
    String type = asked ? settings.tableType() : wanted;
    RowType rounded = ROUNDED.get(type);
    if (rounded instanceof RowType.Plain) {
      return List.of(rounded);
    }
    if (!packed && !asked) {
      return List.of();
    }
    List<RowType> exact =
        ROUNDED.values().stream()
            .filter(RowType.Rounded.class::isInstance)
            .map(one -> ((RowType.Rounded) one).exact())
            .toList();
    if (rounded == null || table && !asked) {
      return exact;
    }
    List<RowType> all = new ArrayList<>(exact);
    all.sort(Comparator.comparing(one -> one.type() != rounded.type()));
    all.add(1, rounded);
    return all;
  }
}
