package io.tritmill.jobs.generate;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;

/**
 * Makes text of bytes that come a few at a time, and ends it before the first of some texts.
 *
 * <p>Passes on all that is certain: the bytes of a character are held back until it is whole, and
 * what may be the beginning of a text that ends it until it is not. Bytes that are no UTF-8 become
 * U+FFFD.
 */
final class TextStream {
  private final List<String> stops;
  private final Consumer<String> sink;
  private final StringBuilder text = new StringBuilder();
  private byte[] bytes = {}; // of a character that is not whole
  private int passed; // characters of the text
  private boolean ended;

  /**
   * Begins a text.
   *
   * @param stops texts that end it, none empty
   * @param sink takes it piece by piece, no piece empty
   */
  TextStream(List<String> stops, Consumer<String> sink) {
    this.stops = stops;
    this.sink = sink;
  }

  /** Whether one of the texts that end it has come. */
  boolean ended() {
    return ended;
  }

  /** All that was passed on. */
  String text() {
    return text.substring(0, passed);
  }

  /** Adds bytes; those behind the end are dropped. */
  void add(byte[] more) {
    if (ended || more.length == 0) {
      return;
    }
    byte[] all = Arrays.copyOf(bytes, bytes.length + more.length);
    System.arraycopy(more, 0, all, bytes.length, more.length);
    int whole = whole(all);
    bytes = Arrays.copyOfRange(all, whole, all.length);
    take(new String(all, 0, whole, StandardCharsets.UTF_8));
  }

  /** Passes on what was held back. */
  void finish() {
    if (!ended) {
      take(new String(bytes, StandardCharsets.UTF_8));
      bytes = new byte[0];
      pass(text.length());
    }
  }

  private void take(String more) {
    int begin = text.length();
    text.append(more);
    int end = -1;
    for (String stop : stops) {
      int at = text.indexOf(stop, Math.max(passed, begin - stop.length() + 1));
      if (at >= 0 && (end < 0 || at < end)) {
        end = at;
      }
    }
    if (end >= 0) {
      ended = true;
      pass(end);
    } else {
      pass(text.length() - held());
    }
  }

  /** Characters at the end of the text that one of the texts which end it begins with. */
  private int held() {
    int longest = 0;
    for (String stop : stops) {
      int most = Math.min(stop.length() - 1, text.length() - passed);
      for (int count = most; count > longest; count--) {
        if (stop.startsWith(text.substring(text.length() - count))) {
          longest = count;
        }
      }
    }
    return longest;
  }

  private void pass(int end) {
    if (end > passed) {
      String piece = text.substring(passed, end);
      passed = end;
      sink.accept(piece);
    }
  }

  /** Bytes before a character that has begun and is not whole. */
  private static int whole(byte[] bytes) {
    for (int back = 1; back <= Math.min(3, bytes.length); back++) {
      int first = bytes[bytes.length - back] & 0xff;
      if (first >= 0xc0) {
        int needed = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
        return needed > back && first < 0xf8 ? bytes.length - back : bytes.length;
      }
      if (first < 0x80) {
        break;
      }
    }
    return bytes.length;
  }
}
