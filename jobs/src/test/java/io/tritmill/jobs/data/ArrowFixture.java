package io.tritmill.jobs.data;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.channels.Channels;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.function.Function;
import java.util.function.IntConsumer;
import java.util.stream.IntStream;
import org.apache.arrow.compression.CommonsCompressionFactory;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.LargeVarCharVector;
import org.apache.arrow.vector.VarCharVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.ViewVarCharVector;
import org.apache.arrow.vector.complex.FixedSizeListVector;
import org.apache.arrow.vector.complex.LargeListVector;
import org.apache.arrow.vector.complex.ListVector;
import org.apache.arrow.vector.complex.impl.UnionFixedSizeListWriter;
import org.apache.arrow.vector.complex.impl.UnionLargeListWriter;
import org.apache.arrow.vector.complex.impl.UnionListWriter;
import org.apache.arrow.vector.compression.CompressionCodec;
import org.apache.arrow.vector.compression.CompressionUtil.CodecType;
import org.apache.arrow.vector.compression.NoCompressionCodec;
import org.apache.arrow.vector.dictionary.Dictionary;
import org.apache.arrow.vector.dictionary.DictionaryEncoder;
import org.apache.arrow.vector.dictionary.DictionaryProvider.MapDictionaryProvider;
import org.apache.arrow.vector.ipc.ArrowFileWriter;
import org.apache.arrow.vector.ipc.ArrowStreamWriter;
import org.apache.arrow.vector.ipc.ArrowWriter;
import org.apache.arrow.vector.ipc.message.IpcOption;
import org.apache.arrow.vector.types.pojo.DictionaryEncoding;

/** Small Arrow files, made by the library itself. */
final class ArrowFixture {
  /** The two formats of an Arrow IPC file. */
  enum Format {
    STREAM,
    FILE
  }

  private ArrowFixture() {}

  /** Makes a vector for each batch, all of one type. */
  interface Column {
    FieldVector vector(BufferAllocator allocator, MapDictionaryProvider dictionaries);
  }

  static byte[] write(Format format, CodecType codec, List<Column> batches) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (BufferAllocator allocator = new RootAllocator()) {
      MapDictionaryProvider dictionaries = new MapDictionaryProvider();
      List<FieldVector> vectors =
          batches.stream().map(column -> column.vector(allocator, dictionaries)).toList();
      try (VectorSchemaRoot root = VectorSchemaRoot.of(vectors.getFirst());
          ArrowWriter writer = writer(format, codec, root, dictionaries, out)) {
        writer.start();
        for (FieldVector vector : vectors) {
          if (vector != root.getVector(0)) {
            vector.makeTransferPair(root.getVector(0)).transfer();
          }
          root.setRowCount(root.getVector(0).getValueCount());
          writer.writeBatch();
        }
        writer.end();
      }
      vectors.forEach(FieldVector::close);
      dictionaries.getDictionaryIds().stream()
          .map(dictionaries::lookup)
          .forEach(dictionary -> dictionary.getVector().close());
    }
    return out.toByteArray();
  }

  private static ArrowWriter writer(
      Format format,
      CodecType codec,
      VectorSchemaRoot root,
      MapDictionaryProvider dictionaries,
      ByteArrayOutputStream out) {
    CompressionCodec.Factory codecs =
        codec == CodecType.NO_COMPRESSION
            ? NoCompressionCodec.Factory.INSTANCE
            : CommonsCompressionFactory.INSTANCE;
    return switch (format) {
      case STREAM ->
          new ArrowStreamWriter(
              root, dictionaries, Channels.newChannel(out), IpcOption.DEFAULT, codecs, codec);
      case FILE ->
          new ArrowFileWriter(
              root, dictionaries, Channels.newChannel(out), null, IpcOption.DEFAULT, codecs, codec);
    };
  }

  /** Strings with 32-bit offsets; nulls allowed. */
  static Column strings(String name, String... values) {
    return (allocator, dictionaries) -> {
      VarCharVector vector = new VarCharVector(name, allocator);
      fill(values, row -> vector.setSafe(row, bytes(values[row])), vector);
      return vector;
    };
  }

  /** Strings with 64-bit offsets. */
  static Column largeStrings(String name, String... values) {
    return (allocator, dictionaries) -> {
      LargeVarCharVector vector = new LargeVarCharVector(name, allocator);
      fill(values, row -> vector.setSafe(row, bytes(values[row])), vector);
      return vector;
    };
  }

  /** Strings as views, short ones in place. */
  static Column views(String name, String... values) {
    return (allocator, dictionaries) -> {
      ViewVarCharVector vector = new ViewVarCharVector(name, allocator);
      fill(values, row -> vector.setSafe(row, bytes(values[row])), vector);
      return vector;
    };
  }

  /** Strings as entries of a dictionary. */
  static Column dictionary(String name, List<String> entries, String... values) {
    return (allocator, dictionaries) -> {
      DictionaryEncoding encoding = new DictionaryEncoding(1, false, null);
      FieldVector words =
          strings("entries", entries.toArray(String[]::new)).vector(allocator, dictionaries);
      Dictionary dictionary = new Dictionary(words, encoding);
      dictionaries.put(dictionary);
      try (FieldVector plain = strings(name, values).vector(allocator, dictionaries)) {
        return (FieldVector) DictionaryEncoder.encode(plain, dictionary);
      }
    };
  }

  /** Lists of 32-bit integers. */
  static Column lists(String name, int[]... rows) {
    return (allocator, dictionaries) -> {
      ListVector vector = ListVector.empty(name, allocator);
      UnionListWriter writer = vector.getWriter();
      for (int row = 0; row < rows.length; row++) {
        writer.setPosition(row);
        if (rows[row] == null) {
          writer.writeNull();
          continue;
        }
        writer.startList();
        for (int id : rows[row]) {
          writer.integer().writeInt(id);
        }
        writer.endList();
      }
      vector.setValueCount(rows.length);
      return vector;
    };
  }

  /** Lists of 64-bit integers with 64-bit offsets. */
  static Column largeLists(String name, long[]... rows) {
    return (allocator, dictionaries) -> {
      LargeListVector vector = LargeListVector.empty(name, allocator);
      UnionLargeListWriter writer = vector.getWriter();
      for (int row = 0; row < rows.length; row++) {
        writer.setPosition(row);
        writer.startList();
        for (long id : rows[row]) {
          writer.bigInt().writeBigInt(id);
        }
        writer.endList();
      }
      vector.setValueCount(rows.length);
      return vector;
    };
  }

  /** Lists of one length of 16-bit integers. */
  static Column fixedLists(String name, short[]... rows) {
    return (allocator, dictionaries) -> {
      FixedSizeListVector vector = FixedSizeListVector.empty(name, rows[0].length, allocator);
      UnionFixedSizeListWriter writer = vector.getWriter();
      for (int row = 0; row < rows.length; row++) {
        writer.setPosition(row);
        writer.startList();
        for (short id : rows[row]) {
          writer.smallInt().writeSmallInt(id);
        }
        writer.endList();
      }
      vector.setValueCount(rows.length);
      return vector;
    };
  }

  private static void fill(String[] values, IntConsumer set, FieldVector vector) {
    vector.allocateNew();
    for (int row = 0; row < values.length; row++) {
      if (values[row] == null) {
        vector.setNull(row);
      } else {
        set.accept(row);
      }
    }
    vector.setValueCount(values.length);
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  /** Writes as one batch after another what a function makes of numbers from 0 on. */
  static List<Column> batches(int count, Function<Integer, Column> make) {
    return IntStream.range(0, count).boxed().map(make).toList();
  }
}
