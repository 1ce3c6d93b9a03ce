package io.tritmill.jobs.fuzz;

import io.tritmill.jobs.failure.BadInputException;
import io.tritmill.jobs.storage.Storage;
import io.tritmill.jobs.tokenizer.Tokenizer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import org.apache.hadoop.conf.Configuration;

/**
 * Opens mutated tokenizers and gives them texts, in a process that may end: what it is at lies in
 * files that outlive it.
 */
final class TokenizerTrial {
  private static final List<String> TEXTS =
      List.of(
          "",
          " ",
          "a",
          "a b",
          "ab  ab\n\n ab",
          "\u0000",
          "é e\u0301\u0301 \u00df\u0130 \ufdfa",
          "\ud83d\ude00\u200d\ud83d\ude80 \u4e2d\u6587",
          "\ud800 \udc00x",
          "\uffff\ufffe \ufeff",
          "<s> [UNK] ##b ▁a <0x41>",
          "12345 1,234.5 !!! ???",
          "a".repeat(5000),
          " ".repeat(5000),
          "aB".repeat(2000),
          "\u0301".repeat(300),
          "word ".repeat(500));

  private TokenizerTrial() {}

  /** Arguments: a folder, a seed and how many files. */
  public static void main(String[] arguments) throws Exception {
    Path folder = Path.of(arguments[0]);
    long seed = Long.parseLong(arguments[1]);
    Storage storage = new Storage(new Configuration());
    Mutations mutations = new Mutations(seed, TokenizerSeeds.all());
    Random random = new Random(seed);
    int opened = 0;
    for (int i = 0; i < Integer.parseInt(arguments[2]); i++) {
      Files.write(folder.resolve("tokenizer.json"), mutations.next());
      long start = System.nanoTime();
      try (Tokenizer tokenizer = Tokenizer.open(storage, storage.path(folder.toString()))) {
        opened++;
        for (int texts = 0; texts < 4; texts++) {
          String text = text(random) + text(random);
          Files.write(folder.resolve("text"), text.getBytes(StandardCharsets.UTF_16));
          tokenizer.encode(text);
        }
      } catch (BadInputException e) {
        if (e.getMessage().isBlank()) {
          throw new IllegalStateException("a refusal without a word");
        }
      }
      if (System.nanoTime() - start > 5_000_000_000L) {
        throw new IllegalStateException("took more than five seconds");
      }
    }
    System.out.println("opened " + opened);
  }

  private static String text(Random random) {
    return TEXTS.get(random.nextInt(TEXTS.size()));
  }
}
