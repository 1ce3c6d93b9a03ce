package io.tritmill.jobs.checkpoint;

import io.tritmill.jobs.failure.BadInputException;
import java.util.Locale;
import java.util.Set;

/**
 * Python pickles, which run code when they are loaded: known by name or first bytes, never read.
 */
public final class Pickle {
  private static final Set<String> EXTENSIONS = Set.of("bin", "pt", "pth", "ckpt", "pkl", "pickle");
  private static final int PROTOCOL = 0x80;
  private static final int NEWEST_PROTOCOL = 5;

  private Pickle() {}

  /** Whether a file of this name is one. */
  public static boolean named(String file) {
    String extension = file.substring(file.lastIndexOf('.') + 1);
    return EXTENSIONS.contains(extension.toLowerCase(Locale.ROOT));
  }

  /** Whether a file that begins so is one: a pickle, or the zip that PyTorch wraps around it. */
  public static boolean begins(byte[] first) {
    if (first.length < 4) {
      return false;
    }
    boolean zip = first[0] == 'P' && first[1] == 'K' && first[2] == 3 && first[3] == 4;
    boolean pickle =
        Byte.toUnsignedInt(first[0]) == PROTOCOL && first[1] >= 2 && first[1] <= NEWEST_PROTOCOL;
    return zip || pickle;
  }

  /** What to throw for one. */
  public static BadInputException refused(String file) {
    return BadInputException.broken(
        "%s: is a Python pickle, which could run any code and is never opened, expected"
            + " safetensors; convert it where you trust it, with transformers:"
            + " AutoModelForCausalLM.from_pretrained(DIR).save_pretrained(OUT)",
        file);
  }
}
