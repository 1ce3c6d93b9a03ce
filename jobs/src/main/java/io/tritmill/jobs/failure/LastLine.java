package io.tritmill.jobs.failure;

import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.Charset;

/**
 * The last line of stderr, which says how a command ended: whoever reads a log looks there.
 *
 * <p>In a process of our own nothing follows it, whatever threads of other libraries still want to
 * say while the process ends.
 */
public final class LastLine {
  private static final String INTERRUPTED =
      "interrupted; the same command goes on from what is finished";

  private static volatile Gate gate;

  private LastLine() {}

  /** Takes stderr over, in a process that runs one command; before any library holds it. */
  public static void guardStderr() {
    Gate guarded = new Gate(System.err);
    System.setErr(new PrintStream(guarded, true, System.err.charset()));
    gate = guarded;
    // A signal may end the process before the command has seen that it fails.
    Runtime.getRuntime().addShutdownHook(new Thread(LastLine::writeInterrupted, "last line"));
  }

  /** Writes the line, after which the process says nothing more. */
  public static void write(String sentence) {
    end("tritmill: " + Printable.of(sentence, Integer.MAX_VALUE));
  }

  /** Writes that the process was told to end. */
  public static void writeInterrupted() {
    write(INTERRUPTED);
  }

  /** Ends stderr without a line: all is well. */
  public static void omit() {
    end(null);
  }

  private static void end(String line) {
    PrintStream err = System.err;
    err.flush();
    Gate guarded = gate;
    boolean first = guarded == null || guarded.end(line, err.charset());
    if (line != null && first) {
      if (guarded == null) {
        err.println(line);
        err.flush();
      }
      TerminationMessage.leave(line);
    }
  }

  /** Lets bytes through until the last line was written. */
  private static final class Gate extends OutputStream {
    private final PrintStream open;
    private boolean ended;
    private boolean inLine;

    Gate(PrintStream open) {
      this.open = open;
    }

    /** Whether it was still open. */
    synchronized boolean end(String last, Charset charset) {
      if (ended) {
        return false;
      }
      ended = true;
      if (last != null) {
        byte[] line = (last + System.lineSeparator()).getBytes(charset);
        if (inLine) {
          open.println();
        }
        open.write(line, 0, line.length);
      }
      open.flush();
      return true;
    }

    @Override
    public void write(int b) throws IOException {
      write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public synchronized void write(byte[] bytes, int offset, int length) throws IOException {
      if (!ended && length > 0) {
        open.write(bytes, offset, length);
        inLine = bytes[offset + length - 1] != '\n';
      }
    }

    @Override
    public synchronized void flush() throws IOException {
      open.flush();
    }
  }
}
