package io.tritmill.jobs.generate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class TextStreamTest {
  private static final String TEXT =
      "a\u00e9\u4f60\u597d \ud83d\ude42\ud83d\udc69\u200d\ud83d\udcbb\u0645\u0631 END of it";

  private final List<String> pieces = new ArrayList<>();

  @Test
  void charactersArriveWhole() {
    byte[] bytes = TEXT.getBytes(StandardCharsets.UTF_8);
    for (int seed = 0; seed < 50; seed++) {
      Random random = new Random(seed);
      pieces.clear();
      TextStream stream = new TextStream(List.of(), pieces::add);
      for (int at = 0, end; at < bytes.length; at = end) {
        end = Math.min(bytes.length, at + random.nextInt(5));
        stream.add(Arrays.copyOfRange(bytes, at, end));
        assertFalse(String.join("", pieces).contains("\ufffd"), "seed " + seed);
        assertTrue(TEXT.startsWith(String.join("", pieces)), "seed " + seed);
      }
      assertEquals(TEXT, String.join("", pieces), "nothing is held back, seed " + seed);
      stream.finish();
      assertEquals(TEXT, stream.text());
      assertTrue(pieces.stream().noneMatch(String::isEmpty));
    }
  }

  @Test
  void theFirstOfSeveralTextsEndsItWhereverItIsCut() {
    byte[] bytes = TEXT.getBytes(StandardCharsets.UTF_8);
    for (int seed = 0; seed < 50; seed++) {
      Random random = new Random(seed);
      pieces.clear();
      TextStream stream = new TextStream(List.of("of it", "END", "ENDLESS"), pieces::add);
      for (int at = 0, end; at < bytes.length; at = end) {
        end = Math.min(bytes.length, at + 1 + random.nextInt(8));
        stream.add(Arrays.copyOfRange(bytes, at, end));
        assertFalse(String.join("", pieces).contains("E"), "seed " + seed);
      }
      stream.finish();
      assertTrue(stream.ended());
      assertEquals(TEXT.substring(0, TEXT.indexOf("END")), String.join("", pieces));
    }
  }

  @Test
  void whatLookedLikeAnEndAndWasNoneIsPassedOn() {
    TextStream stream = new TextStream(List.of("\n\nQ:"), pieces::add);
    add(stream, "one\n");
    add(stream, "\n");
    assertEquals(List.of("one"), pieces);
    add(stream, "Q.");
    assertEquals("one\n\nQ.", String.join("", pieces));
    add(stream, "\n\nQ");
    stream.finish();
    assertFalse(stream.ended());
    assertEquals("one\n\nQ.\n\nQ", String.join("", pieces));
  }

  @Test
  void bytesThatAreNoCharacterAreShownAsSuch() {
    TextStream stream = new TextStream(List.of(), pieces::add);
    stream.add(new byte[] {'a', (byte) 0xff, 'b', (byte) 0x80, (byte) 0xe4});
    stream.add(new byte[] {'c', (byte) 0xf0, (byte) 0x9f});
    assertEquals("a\ufffdb\ufffd\ufffdc", String.join("", pieces));
    stream.finish();
    assertEquals("a\ufffdb\ufffd\ufffdc\ufffd", stream.text());
  }

  private static void add(TextStream stream, String text) {
    stream.add(text.getBytes(StandardCharsets.UTF_8));
  }
}
