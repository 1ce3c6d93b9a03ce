package io.tritmill.jobs.checkpoint;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import io.tritmill.jobs.failure.BadInputException;
import io.tritmill.jobs.storage.Storage;
import io.tritmill.jobs.tensor.TensorInfo;
import io.tritmill.kernels.tensor.DType;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import net.jqwik.api.constraints.UniqueElements;
import org.apache.hadoop.conf.Configuration;

class SafetensorsPropertiesTest {
  private static final DType[] TYPES = DType.values();
  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();
  private final Storage storage = new Storage(new Configuration(false));

  @Property(tries = 150)
  void whatIsWrittenIsReadBack(
      @ForAll @Size(max = 12) @UniqueElements List<@IntRange(max = 999) Integer> names,
      @ForAll @IntRange(max = 5) int rows,
      @ForAll @IntRange(min = 1, max = 9) int columns,
      @ForAll Random random)
      throws IOException {
    SafetensorsBuilder builder =
        new SafetensorsBuilder().metadata("key \"é\" \n", "\u0001\uD83D\uDE00");
    SafetensorsLayout layout = new SafetensorsLayout();
    layout.metadata("key \"é\" \n", "\u0001\uD83D\uDE00");
    for (int name : names) {
      DType type = TYPES[random.nextInt(TYPES.length)];
      builder.random("layer \"" + name + "\" ü", type, List.of(rows, columns));
      layout.add("layer \"" + name + "\" ü", type.name(), List.of((long) rows, (long) columns));
    }
    Path file = Files.createTempFile("tritmill", ".safetensors");
    try {
      builder.write(file);
      SafetensorsHeader read = SafetensorsHeader.read(storage, storage.path(file.toString()));
      assertEquals(
          builder.names().stream().sorted().toList(),
          read.tensors().stream().map(TensorInfo::name).sorted().toList());

      byte[] header = layout.header();
      assertEquals(0, header.length % 8);
      byte[] whole = Arrays.copyOf(header, (int) (header.length + layout.dataBytes()));
      Files.write(file, whole);
      SafetensorsHeader own = SafetensorsHeader.read(storage, storage.path(file.toString()));
      assertEquals(read.metadata(), own.metadata());
      assertEquals(layout.at(own.file()), own);
    } finally {
      Files.delete(file);
    }
  }

  @Property(tries = 1000)
  void flippedBytesGiveTensorsOrARefusal(
      @ForAll @IntRange(min = 1, max = 4) int flips, @ForAll Random random) throws IOException {
    byte[] bytes =
        new SafetensorsBuilder()
            .metadata("format", "pt")
            .random("model.embed_tokens.weight", DType.BF16, List.of(4, 3))
            .random("b", DType.F32, List.of(2))
            .bytes();
    int headerBytes = bytes.length - 32;
    for (int i = 0; i < flips; i++) {
      bytes[random.nextInt(headerBytes)] = (byte) random.nextInt(256);
    }
    Path file = Files.createTempFile("tritmill", ".safetensors");
    try {
      Files.write(file, bytes);
      long allocated = THREADS.getCurrentThreadAllocatedBytes();
      List<TensorInfo> tensors;
      try {
        tensors = SafetensorsHeader.read(storage, storage.path(file.toString())).tensors();
      } finally {
        allocated = THREADS.getCurrentThreadAllocatedBytes() - allocated;
        assertTrue(allocated < 64 << 20, "allocated " + allocated);
      }
      tensors.forEach(tensor -> assertTrue(tensor.offset() + tensor.bytes() <= bytes.length));
    } catch (BadInputException e) {
      assertTrue(e.getMessage().startsWith("file:" + file), e.getMessage());
    } finally {
      Files.delete(file);
    }
  }
}
