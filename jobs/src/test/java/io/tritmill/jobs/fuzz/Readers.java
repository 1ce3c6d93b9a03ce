package io.tritmill.jobs.fuzz;

import static io.tritmill.jobs.fuzz.Seeds.gzip;
import static io.tritmill.jobs.fuzz.Seeds.utf8;
import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import io.tritmill.jobs.Invocation;
import io.tritmill.jobs.RunFiles;
import io.tritmill.jobs.checkpoint.Checkpoint;
import io.tritmill.jobs.checkpoint.SafetensorsBuilder;
import io.tritmill.jobs.checkpoint.SafetensorsBuilder.Sizes;
import io.tritmill.jobs.checkpoint.SafetensorsHeader;
import io.tritmill.jobs.data.DocumentReader;
import io.tritmill.jobs.data.Documents;
import io.tritmill.jobs.gate.GateCheck;
import io.tritmill.jobs.gate.Outcome;
import io.tritmill.jobs.gate.RunGate;
import io.tritmill.jobs.gate.Verdict;
import io.tritmill.jobs.inspect.InspectJob;
import io.tritmill.jobs.model.ModelSource;
import io.tritmill.jobs.model.ModelSources;
import io.tritmill.jobs.model.ModelTensors;
import io.tritmill.jobs.plan.Planner;
import io.tritmill.jobs.quantize.BandResult;
import io.tritmill.jobs.quantize.LeftBehind;
import io.tritmill.jobs.recipe.Recipe;
import io.tritmill.jobs.recipe.RecipeParser;
import io.tritmill.jobs.run.Ledger;
import io.tritmill.jobs.run.LeftLock;
import io.tritmill.jobs.run.Manifest;
import io.tritmill.jobs.run.RunDirectory;
import io.tritmill.jobs.run.RunState;
import io.tritmill.jobs.run.RunSummary;
import io.tritmill.jobs.storage.Json;
import io.tritmill.jobs.storage.Storage;
import io.tritmill.jobs.tensor.TensorInfo;
import io.tritmill.jobs.tensor.TensorReader;
import io.tritmill.kernels.model.TensorSpec;
import io.tritmill.kernels.tensor.DType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;

/** Every reader of files, each with sound files that it reads. */
final class Readers {
  /** Few tensors, since each of them is opened for every spoiled file. */
  private static final Sizes ONE_BLOCK = new Sizes(32, 16, 40, 1, 4, 2);

  private static final String RECIPE =
      "version: 1\nname: tiny\nrules: [{match: \"*\", stages: [{twn: {group: row}}]}]\n";
  private static final String LINES =
      "{\"text\": \"Once upon\", \"n\": 1}\n{\"text\": \"a time\", \"n\": [1, {}]}\n";

  private final Storage storage = new Storage(new Configuration());
  private final Path folder;
  private final Recipe recipe = RecipeParser.parse("recipe.yaml", utf8(RECIPE));
  private final List<FuzzedReader> all = new ArrayList<>();

  private Readers(Path folder) {
    this.folder = folder;
  }

  /** All of them; their files lie in a folder of the caller's. */
  static List<FuzzedReader> in(Path folder) throws IOException {
    Readers readers = new Readers(folder);
    readers.models();
    readers.data();
    readers.run();
    return readers.all;
  }

  private void models() throws IOException {
    Path model = folder.resolve("model");
    SafetensorsBuilder.writeLlama(model, Sizes.TINY, true, DType.F32, 2);
    byte[] shard;
    try (var files = Files.list(model)) {
      shard =
          Files.readAllBytes(
              files
                  .filter(file -> file.toString().endsWith("-00002.safetensors"))
                  .findFirst()
                  .orElseThrow());
    }
    add(
        "safetensors header",
        "x.safetensors",
        List.of(shard),
        at -> SafetensorsHeader.read(storage, at));
    add(
        "shard index",
        "model/model.safetensors.index.json",
        List.of(Files.readAllBytes(model.resolve("model.safetensors.index.json"))),
        at -> Checkpoint.open(storage, at.getParent()).check());
    byte[] config = Files.readAllBytes(model.resolve("config.json"));
    add("config.json", "described/config.json", List.of(config), at -> plan(at.getParent()));
    add(
        "config.json beside weights",
        "other/config.json",
        List.of(config),
        at -> plan(at.getParent()));
    RunFiles.copy(model, folder.resolve("other"));
    Path dressed = folder.resolve("dressed");
    SafetensorsBuilder.writeJson(
        dressed.resolve("config.json"),
        Map.of("quantization_config", Map.of("quant_method", "bitnet")));
    add(
        "dressed checkpoint",
        "dressed/model.safetensors",
        Seeds.dressed(),
        at -> dressed(at.getParent()));
    add("GGUF", "x.gguf", List.of(Seeds.gguf()), at -> InspectJob.inspect(storage, at));
    add("GGUF checkpoint", "model.gguf", Seeds.ggufModels(), this::ggufModel);
    add("GGUF architectures", "family.gguf", Seeds.ggufFamilies(), this::ggufModel);
    all.add(
        new FuzzedReader(
            "recipe",
            List.of(
                utf8(RECIPE),
                utf8(
                    "version: 1\nname: two\ntransforms: []\nrules:\n  - match: \"model.layers.*\"\n    stages: [{absmean: {}}]\n  - match: '*'\n    stages: [{gptq: {damp: 0.01}}, {twn: {group: 16, threshold: 0.7}}]\n")),
            content -> RecipeParser.parse("recipe.yaml", content)));
  }

  private void plan(org.apache.hadoop.fs.Path directory) {
    Checkpoint checkpoint = Checkpoint.openOrDescribe(storage, directory);
    checkpoint.check();
    new Planner(storage).plan(checkpoint, recipe, false);
  }

  private void dressed(org.apache.hadoop.fs.Path directory) {
    Checkpoint checkpoint = Checkpoint.open(storage, directory);
    new Planner(storage).plan(checkpoint, recipe, true);
    try (TensorReader reader = new TensorReader(storage)) {
      for (TensorInfo tensor : checkpoint.tensors()) {
        if (checkpoint.stack(tensor.name()).isPresent()) {
          checkpoint.stack(tensor.name()).get().all().forEach(reader::encoded);
        } else if (tensor.encoding().isPresent()) {
          reader.encoded(tensor);
        }
      }
    }
  }

  private void ggufModel(org.apache.hadoop.fs.Path file) {
    Checkpoint checkpoint = Checkpoint.open(storage, file);
    checkpoint.companions().forEach(companion -> companion.read(storage));
    checkpoint.check();
    checkpoint.remarks();
    new Planner(storage).plan(checkpoint, recipe, false);
    try (TensorReader reader = new TensorReader(storage)) {
      checkpoint.tensors().forEach(reader::encoded);
    }
  }

  private void data() throws IOException {
    List<byte[]> arrow = List.of(Seeds.arrow(true), Seeds.arrow(false));
    add("Arrow header", "header.arrow", arrow, at -> InspectJob.inspect(storage, at));
    documents("Arrow", "x.arrow", arrow);
    documents("Parquet", "x.parquet", List.of(Seeds.parquet(folder)));
    documents("JSON lines", "x.jsonl", List.of(utf8(LINES), utf8("{\"input_ids\": [1, 2, 3]}\n")));
    documents("JSON lines in gzip", "x.jsonl.gz", List.of(gzip(utf8(LINES))));
    documents("text", "x.txt", List.of(utf8("Once é upon\n\na time\n")));
    documents("text in gzip", "x.txt.gz", List.of(gzip(utf8("Once upon\na time\n"))));
    Path set = Files.createDirectories(folder.resolve("set/train"));
    Files.write(set.resolve("data-00000-of-00001.arrow"), arrow.getFirst());
    byte[] state =
        utf8(
            "{\"_data_files\": [{\"filename\": \"data-00000-of-00001.arrow\"}], \"_fingerprint\": \"0123\", \"_split\": \"train\"}");
    byte[] splits = utf8("{\"splits\": [\"train\"]}");
    Files.write(set.resolve("state.json"), state);
    Files.write(set.getParent().resolve("dataset_dict.json"), splits);
    add("state.json", "set/train/state.json", List.of(state), at -> folder(at.getParent()));
    Files.write(set.resolve("state.json"), state);
    RunFiles.copy(set.getParent(), folder.resolve("sets"));
    add(
        "dataset_dict.json",
        "sets/dataset_dict.json",
        List.of(splits),
        at -> folder(at.getParent()));
  }

  private void documents(String name, String file, List<byte[]> seeds) {
    add(name, file, seeds, this::read);
  }

  private void folder(org.apache.hadoop.fs.Path at) {
    InspectJob.inspect(storage, at);
    read(at);
  }

  private void read(org.apache.hadoop.fs.Path at) {
    try (DocumentReader reader = Documents.open(storage, at, Documents.Selection.DEFAULT).read()) {
      while (reader.next().isPresent()) {
        // To the end.
      }
    }
  }

  private void run() throws IOException {
    Path home = folder.resolve("source");
    SafetensorsBuilder.writeLlama(home.resolve("model"), ONE_BLOCK, true, DType.F32, 1);
    Files.write(home.resolve("recipe.yaml"), utf8(RECIPE));
    Path done = folder.resolve("run");
    Invocation end =
        Invocation.of(
            "compress",
            "--model",
            home.resolve("model"),
            "--recipe",
            home.resolve("recipe.yaml"),
            "--output",
            done);
    assertEquals(0, end.exitCode(), end.err());
    RunDirectory run = RunDirectory.at(storage.path(done.toString()));
    ofRun("MANIFEST.json", run.manifest(), at -> Manifest.read(storage, run));
    ofRun("summary.json", run.summary(), at -> RunSummary.read(storage, run));
    JsonNode of = RunFiles.json(done.resolve("plan.json"));
    ofRun(
        "plan.json",
        run.plan(),
        at ->
            RunState.of(
                storage,
                run,
                of.path("recipe_sha256").asText(),
                of.path("model_sha256").asText(),
                ""));
    ofRun(
        "packed model",
        new org.apache.hadoop.fs.Path(run.model(), "model.safetensors"),
        at -> weights(run));
    GateCheck check = new GateCheck("error", "at most 1", 1.0, 0.5, Outcome.PASSED, "passed");
    Verdict verdict =
        new Verdict(Outcome.PASSED, Verdict.PASSED, null, 0.01, List.of("error"), List.of(check));
    add(
        "gate.json",
        "run/" + run.gate().getName(),
        List.of(Json.document(verdict)),
        at -> RunGate.read(storage, run));
    add(
        "planes.json",
        "run/" + run.planes().getName(),
        List.of(LeftBehind.planes()),
        at -> LeftBehind.readPlanes(storage, run));
    BandResult band =
        new BandResult(
            "1", "a", 0, 4, "", 0, "", null, null, null, List.of(), null, 1, 1, 1, "x", 1, 1, 256,
            1);
    Path ledger = folder.resolve("ledger");
    try (Ledger<BandResult> open = new Ledger<>(storage, storage.path(ledger.toString()))) {
      open.append(band);
    }
    Path entries;
    try (var files = Files.list(ledger)) {
      entries = files.findFirst().orElseThrow();
    }
    add(
        "ledger",
        "ledger/" + entries.getFileName(),
        List.of(Files.readAllBytes(entries)),
        at -> Ledger.read(storage, at.getParent(), BandResult.class, remark -> {}));
    add(
        "_LOCK",
        "run/" + run.lock().getName(),
        List.of(LeftLock.sound()),
        at -> LeftLock.read(at, storage.read(at, 1 << 20)));
  }

  private void ofRun(String name, org.apache.hadoop.fs.Path file, At read) throws IOException {
    Path local = Path.of(file.toUri().getPath());
    byte[] sound = Files.readAllBytes(local);
    all.add(
        new FuzzedReader(
            name,
            List.of(sound),
            content -> {
              Files.write(local, content);
              try {
                read.from(file);
              } finally {
                Files.write(local, sound);
              }
            }));
  }

  /** Every weight, as the forward pass reads them. */
  private void weights(RunDirectory run) {
    ModelSource source = ModelSources.open(storage, run.model());
    try (ModelTensors tensors = source.open()) {
      for (TensorSpec spec : source.architecture().tensors()) {
        if (spec.shape().size() == 1) {
          tensors.vector(spec);
        } else {
          int rows = spec.shape().get(0);
          tensors.rows(spec, 0, rows, new float[rows * spec.shape().get(1)]);
        }
      }
    }
  }

  /** Reads a file. */
  private interface At {
    void from(org.apache.hadoop.fs.Path file) throws IOException;
  }

  private void add(String name, String file, List<byte[]> seeds, At read) {
    Path local = folder.resolve(file);
    all.add(
        new FuzzedReader(
            name,
            seeds,
            content -> {
              Files.createDirectories(local.getParent());
              Files.write(local, content);
              read.from(storage.path(local.toString()));
            }));
  }
}
