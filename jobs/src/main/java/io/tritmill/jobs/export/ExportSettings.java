package io.tritmill.jobs.export;

/**
 * What an export is asked for.
 *
 * @param format {@code --format}
 * @param tableType type of ggml for embedding and head; null for the smallest that is exact
 * @param partBytes bytes of tensors in a file, where a format is split into several
 */
public record ExportSettings(String format, String tableType, long partBytes) {
  /** A format, and nothing more to be said of it. */
  public static ExportSettings of(String format) {
    return new ExportSettings(format, null, Long.MAX_VALUE);
  }
}
