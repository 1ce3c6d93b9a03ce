package io.tritmill.jobs.calibrate.stream;

import io.tritmill.jobs.storage.MayBeMissing;
import java.io.Serializable;
import java.util.Set;
import java.util.TreeSet;

/**
 * The residual streams of one chunk at one place in the model.
 *
 * @param chunk index of the chunk
 * @param place sublayers that they have passed
 * @param clean file of the full-precision model's stream, (tokens, hidden) floats
 * @param compressed file of the compressed model's; the same file while nothing differs
 * @param attention file of the attention that each token got in the sublayer that was passed,
 *     (tokens) floats; empty where that is none, and where no layer asks for it
 * @param ahead what enters the last module of the sublayer that begins here
 */
public record StreamFiles(
    int chunk,
    int place,
    String clean,
    String compressed,
    String attention,
    @MayBeMissing Ahead ahead)
    implements Serializable {

  /**
   * Inputs of the last module of a sublayer, which a step has been to: the next one begins there.
   *
   * @param clean file of the full-precision model's, (tokens, the module's inputs) floats; empty
   *     where it is not known
   * @param compressed the same of the compressed model
   */
  public record Ahead(String clean, String compressed) implements Serializable {
    public static final Ahead UNKNOWN = new Ahead("", "");
  }

  public StreamFiles {
    // A run that an earlier version began has streams without it.
    ahead = ahead == null ? Ahead.UNKNOWN : ahead;
  }

  /** Streams that no step has gone on from. */
  public static StreamFiles at(
      int chunk, int place, String clean, String compressed, String attention) {
    return new StreamFiles(chunk, place, clean, compressed, attention, Ahead.UNKNOWN);
  }

  /** The same with what enters the last module. */
  public StreamFiles withAhead(Ahead files) {
    return new StreamFiles(chunk, place, clean, compressed, attention, files);
  }

  /** Whether the compressed stream is the clean one. */
  public boolean alike() {
    return clean.equals(compressed);
  }

  /** All files. */
  public Set<String> names() {
    Set<String> names = new TreeSet<>();
    names.add(clean);
    names.add(compressed);
    names.add(attention);
    names.add(ahead.clean());
    names.add(ahead.compressed());
    names.remove("");
    return names;
  }
}
