package io.tritmill.jobs.fuzz;

import io.tritmill.jobs.checkpoint.SafetensorsBuilder;
import io.tritmill.jobs.checkpoint.SafetensorsBuilder.Sizes;
import io.tritmill.jobs.gguf.GgufLlama;
import io.tritmill.kernels.tensor.DType;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.GZIPOutputStream;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;
import org.apache.arrow.vector.VarCharVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.ipc.ArrowFileWriter;
import org.apache.arrow.vector.ipc.ArrowStreamWriter;
import org.apache.arrow.vector.ipc.ArrowWriter;
import org.apache.parquet.example.data.Group;
import org.apache.parquet.example.data.simple.SimpleGroupFactory;
import org.apache.parquet.hadoop.ParquetWriter;
import org.apache.parquet.hadoop.example.ExampleParquetWriter;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.MessageTypeParser;

/** Small sound files of each format, to be spoiled. */
final class Seeds {
  private static final List<String> TEXTS = List.of("Once upon a time", "", "there was é", "end");

  private Seeds() {}

  static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  static byte[] gzip(byte[] content) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (GZIPOutputStream gzip = new GZIPOutputStream(out)) {
      gzip.write(content);
    }
    return out.toByteArray();
  }

  /** Matrices in every dress of safetensors: floats of 8 and 4 bits, trits, and stacked ones. */
  static List<byte[]> dressed() {
    String block = "model.layers.0.";
    return List.of(
        new SafetensorsBuilder()
            .random(block + "up_proj.weight_scale_inv", DType.F32, List.of(1, 2))
            .raw(block + "up_proj.weight", "F8_E4M3", List.of(3, 130), new byte[390])
            .random(block + "down_proj.weight_scale", DType.BF16, List.of(1))
            .raw(block + "down_proj.weight", "U8", List.of(2, 6), new byte[12])
            .bytes(),
        new SafetensorsBuilder()
            .random(block + "experts.gate_up_proj", DType.BF16, List.of(2, 8, 6))
            .random(block + "experts.down_proj", DType.BF16, List.of(2, 3, 8))
            .raw(block + "moe.up_proj_blocks", "U8", List.of(2, 3, 1, 16), new byte[96])
            .raw(block + "moe.up_proj_scales", "U8", List.of(2, 3, 1), new byte[6])
            .bytes());
  }

  /** One column of texts in two batches, as a stream or as a file. */
  static byte[] arrow(boolean stream) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (BufferAllocator allocator = new RootAllocator();
        VarCharVector vector = new VarCharVector("text", allocator);
        VectorSchemaRoot root = VectorSchemaRoot.of(vector);
        ArrowWriter writer =
            stream
                ? new ArrowStreamWriter(root, null, out)
                : new ArrowFileWriter(root, null, java.nio.channels.Channels.newChannel(out))) {
      writer.start();
      for (int batch = 0; batch < 2; batch++) {
        vector.allocateNew();
        for (int row = 0; row < TEXTS.size(); row++) {
          vector.setSafe(row, utf8(TEXTS.get(row)));
        }
        root.setRowCount(TEXTS.size());
        writer.writeBatch();
      }
      writer.end();
    }
    return out.toByteArray();
  }

  /** One column of texts. */
  static byte[] parquet(Path folder) throws IOException {
    MessageType schema =
        MessageTypeParser.parseMessageType("message m { optional binary text (UTF8); }");
    Path file = folder.resolve("seed.parquet");
    try (ParquetWriter<Group> writer =
        ExampleParquetWriter.builder(new org.apache.hadoop.fs.Path(file.toUri()))
            .withType(schema)
            .build()) {
      for (String text : TEXTS) {
        writer.write(new SimpleGroupFactory(schema).newGroup().append("text", text));
      }
    }
    return Files.readAllBytes(file);
  }

  /** Tiny models with each kind of tokenizer, of plain numbers and of blocks. */
  static List<byte[]> ggufModels() {
    Sizes sizes = new Sizes(8, 32, 4, 1, 2, 1);
    List<String> tokens = List.of("<s>", "a", "b", "ab", "\u2581", "c", "d", "<t>");
    GgufLlama bytes =
        GgufLlama.of(sizes, false)
            .blocks("blk.0.attn_q.weight")
            .key("tokenizer.ggml.model", "gpt2")
            .key("tokenizer.ggml.pre", "smollm")
            .key("tokenizer.ggml.tokens", tokens)
            .key("tokenizer.ggml.token_type", List.of(3, 1, 1, 1, 1, 1, 1, 4))
            .key("tokenizer.ggml.merges", List.of("a b"));
    GgufLlama pieces =
        GgufLlama.of(sizes, true)
            .key("tokenizer.ggml.model", "llama")
            .key("tokenizer.ggml.tokens", tokens)
            .key("tokenizer.ggml.scores", List.of(0f, -1f, -2f, -3f, -4f, -5f, -6f, -7f))
            .tensor(
                "rope_freqs.weight",
                GgufLlama.F32,
                List.of(8),
                GgufLlama.floats(1, 1, 1, 1, 1, 1, 1, 1));
    return List.of(bytes.bytes(), pieces.bytes());
  }

  /** Such as fold tensors in different ways. */
  static List<byte[]> ggufFamilies() throws IOException {
    List<byte[]> models = new ArrayList<>();
    for (String name :
        List.of(
            "apertus",
            "deepseek_v3",
            "ernie4_5_moe",
            "gemma3",
            "gpt_oss-mxfp4",
            "granitemoe",
            "mixtral",
            "olmo3",
            "phi3-longrope",
            "qwen3_5-predicting",
            "qwen3_next")) {
      models.add(Files.readAllBytes(Path.of("src/test/resources/gguf", name + ".gguf")));
    }
    return models;
  }

  /** Two keys and a tensor. */
  static byte[] gguf() {
    ByteBuffer bytes = ByteBuffer.allocate(512).order(ByteOrder.LITTLE_ENDIAN);
    bytes.put(utf8("GGUF")).putInt(3).putLong(1).putLong(2);
    name(bytes, "general.architecture").putInt(8);
    name(bytes, "llama");
    name(bytes, "sizes").putInt(9).putInt(4).putLong(2).putInt(7).putInt(8);
    name(bytes, "token_embd.weight").putInt(2).putLong(32).putLong(2).putInt(0).putLong(0);
    return java.util.Arrays.copyOf(bytes.array(), 512);
  }

  private static ByteBuffer name(ByteBuffer bytes, String text) {
    return bytes.putLong(utf8(text).length).put(utf8(text));
  }
}
