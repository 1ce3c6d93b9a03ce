package io.tritmill.jobs.data;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import org.apache.arrow.compression.Lz4CompressionCodec;
import org.apache.arrow.compression.ZstdCompressionCodec;
import org.apache.arrow.memory.ArrowBuf;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.compression.CompressionCodec;
import org.apache.arrow.vector.compression.CompressionUtil;
import org.apache.arrow.vector.compression.NoCompressionCodec;
import org.apache.commons.compress.compressors.lz4.FramedLZ4CompressorInputStream;

/** The library's codecs, but none that gives more than was announced. */
final class ArrowCodecs implements CompressionCodec.Factory {
  @Override
  public CompressionCodec createCodec(CompressionUtil.CodecType type) {
    return switch (type) {
      case LZ4_FRAME -> new AnnouncedLz4();
      case ZSTD -> new ZstdCompressionCodec();
      case NO_COMPRESSION -> NoCompressionCodec.INSTANCE;
    };
  }

  @Override
  public CompressionCodec createCodec(CompressionUtil.CodecType type, int level) {
    return createCodec(type);
  }

  /** LZ4 frames of the announced length; the library's own codec takes heap for whatever comes. */
  private static final class AnnouncedLz4 extends Lz4CompressionCodec {
    private static final int CHUNK = 1 << 16;

    @Override
    protected ArrowBuf doDecompress(BufferAllocator allocator, ArrowBuf compressed) {
      byte[] frame = new byte[Math.toIntExact(compressed.writerIndex() - Long.BYTES)];
      compressed.getBytes(Long.BYTES, frame);
      long announced = readUncompressedLength(compressed);
      ArrowBuf plain = allocator.buffer(announced);
      try (InputStream in = new FramedLZ4CompressorInputStream(new ByteArrayInputStream(frame))) {
        byte[] chunk = new byte[CHUNK];
        while (plain.writerIndex() < announced) {
          int count =
              in.readNBytes(chunk, 0, (int) Math.min(CHUNK, announced - plain.writerIndex()));
          if (count == 0) {
            break;
          }
          plain.setBytes(plain.writerIndex(), chunk, 0, count);
          plain.writerIndex(plain.writerIndex() + count);
        }
        if (plain.writerIndex() < announced || in.read() >= 0) {
          throw new IllegalArgumentException("LZ4 frame is not of the announced length");
        }
        return plain;
      } catch (IOException | RuntimeException e) {
        plain.close();
        throw new IllegalArgumentException("LZ4 frame cannot be decompressed", e);
      }
    }
  }
}
