package io.tritmill.kernels.model.config;

/**
 * The sizes of attention with latent keys and values.
 *
 * @param plain elements of a head of queries and keys without position
 * @param rotated elements with it, even
 * @param value elements of a head of values
 * @param keyValueLatent width of the latent of keys and values
 * @param queryLatent width of the latent of queries; 0 where they have none
 */
public record LatentSizes(int plain, int rotated, int value, int keyValueLatent, int queryLatent) {
  /**
   * Reads them; what config.json does not say is as the other sizes have it.
   *
   * @param heads as many of queries as of keys and values
   * @throws IllegalArgumentException if one is of the wrong type or outside its domain
   */
  public static LatentSizes read(ConfigValues values, int heads, LatentSizes otherwise) {
    LatentSizes sizes =
        new LatentSizes(
            values.integer("qk_nope_head_dim", otherwise.plain()),
            values.integer("qk_rope_head_dim", otherwise.rotated()),
            values.integer("v_head_dim", otherwise.value()),
            values.integer("kv_lora_rank", otherwise.keyValueLatent()),
            values.integer("q_lora_rank", otherwise.queryLatent(), 0));
    sizes.check(heads);
    return sizes;
  }

  private void check(int heads) {
    if (rotated % 2 != 0) {
      throw new IllegalArgumentException(
          "qk_rope_head_dim %d is odd; rotary pairs need an even one".formatted(rotated));
    }
    long widest = (long) plain + Math.max(rotated, value);
    if (heads * widest > Integer.MAX_VALUE || (long) keyValueLatent + rotated > Integer.MAX_VALUE) {
      throw new IllegalArgumentException(
          ("qk_nope_head_dim is %d, qk_rope_head_dim %d, v_head_dim %d and kv_lora_rank %d, expected"
                  + " rows of %d heads and of the latent below 2^31")
              .formatted(plain, rotated, value, keyValueLatent, heads));
    }
  }
}
