package io.tritmill.kernels.tensor;

import java.util.Objects;
import java.util.Optional;

/**
 * Blocks of quantized weights that share scales, as ggml lays them out in GGUF files.
 *
 * <p>A decoded weight has the very bits of ggml's own reference: products and differences in single
 * precision, in its order, none of them fused. Of what is no number only that it is none is the
 * same.
 */
public enum BlockType implements Encoding {
  Q4_0(32, 18, PlainBlocks::q40),
  Q4_1(32, 20, PlainBlocks::q41),
  Q5_0(32, 22, PlainBlocks::q50),
  Q5_1(32, 24, PlainBlocks::q51),
  Q8_0(32, 34, PlainBlocks::q80),
  Q2_K(256, 84, SuperBlocks::q2),
  Q3_K(256, 110, SuperBlocks::q3),
  Q4_K(256, 144, SuperBlocks::q4),
  Q5_K(256, 176, SuperBlocks::q5),
  Q6_K(256, 210, SuperBlocks::q6),
  IQ4_NL(32, 18, TableBlocks::iq4nl),
  IQ4_XS(256, 136, TableBlocks::iq4xs),
  MXFP4(32, 17, TableBlocks::mxfp4),
  TQ1_0(256, 54, TernaryBlocks::tq1),
  TQ2_0(256, 66, TernaryBlocks::tq2),
  Q2_0(64, 18, TernaryBlocks::q20);

  private final int blockElements;
  private final int blockBytes;
  private final BlockDecoder decoder;

  BlockType(int blockElements, int blockBytes, BlockDecoder decoder) {
    this.blockElements = blockElements;
    this.blockBytes = blockBytes;
    this.decoder = decoder;
  }

  /** The type that ggml calls so, or empty when it is none of ours. */
  public static Optional<BlockType> of(String name) {
    for (BlockType type : values()) {
      if (type.name().equals(name)) {
        return Optional.of(type);
      }
    }
    return Optional.empty();
  }

  @Override
  public int blockElements() {
    return blockElements;
  }

  @Override
  public int blockBytes() {
    return blockBytes;
  }

  @Override
  public void decode(byte[] source, int offset, float[] into, int at, int count) {
    int bytes = Math.toIntExact(bytes(count));
    Objects.checkFromIndexSize(offset, bytes, source.length);
    Objects.checkFromIndexSize(at, count, into.length);
    BlockScratch scratch = new BlockScratch();
    int to = at;
    for (int from = offset; from < offset + bytes; from += blockBytes) {
      decoder.decode(source, from, into, to, scratch);
      to += blockElements;
    }
  }
}
