package io.tritmill.jobs.data;

import io.tritmill.jobs.storage.Checksums;
import java.io.Serializable;
import java.nio.ByteBuffer;
import java.util.HexFormat;
import java.util.List;

/**
 * The token sequences that methods learn from.
 *
 * @param fitted sequences that layers are fitted on
 * @param heldOut sequences that only guard against overfitting; may be empty
 * @param remarks sentences that a person should read
 */
public record CalibrationSet(List<int[]> fitted, List<int[]> heldOut, List<String> remarks)
    implements Serializable {
  /** Fewer would have the weights of a block read more often than passing it is worth. */
  private static final int FEWEST_CHUNK_TOKENS = 1024;

  private static final int MOST_CHUNK_TOKENS = 4096;

  /** Multiply-adds of a chunk in a block, a few seconds of a core. */
  private static final long BLOCK_PRODUCTS = 1L << 37;

  public CalibrationSet {
    fitted = List.copyOf(fitted);
    heldOut = List.copyOf(heldOut);
    remarks = List.copyOf(remarks);
    if (fitted.isEmpty()) {
      throw new IllegalArgumentException("A calibration set needs a sequence");
    }
  }

  /** Tokens that layers are fitted on. */
  public long fittedTokens() {
    return fitted.stream().mapToLong(sequence -> sequence.length).sum();
  }

  /**
   * Tokens that go through a block of a model together, about: fewer in a larger model, so that
   * more cores find work in each block.
   *
   * @param blockWeights weights of the linear modules of a block
   */
  public static int chunkTokens(long blockWeights) {
    return Math.clamp(BLOCK_PRODUCTS / blockWeights, FEWEST_CHUNK_TOKENS, MOST_CHUNK_TOKENS);
  }

  /** The name of the set: a checksum of all its tokens, 16 hexadecimal digits. */
  public String digest() {
    var digest = Checksums.sha256();
    for (List<int[]> part : List.of(fitted, heldOut)) {
      digest.update(ByteBuffer.allocate(4).putInt(part.size()).flip());
      for (int[] sequence : part) {
        ByteBuffer bytes = ByteBuffer.allocate(4 * sequence.length + 4).putInt(sequence.length);
        for (int id : sequence) {
          bytes.putInt(id);
        }
        digest.update(bytes.flip());
      }
    }
    return HexFormat.of().formatHex(digest.digest(), 0, 8);
  }
}
