package io.tritmill.jobs.generate;

import io.tritmill.kernels.model.function.Sampling;
import io.tritmill.kernels.model.function.TokenSampler;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;

/** Goes on with a prompt, token by token, until something ends the text. */
public final class Generation {
  private final ContinuedSequence sequence;
  private final TokenSampler sampler;
  private final TokenBytes tokens;
  private final Limits limits;

  /**
   * What ends a text.
   *
   * @param tokens that are generated at most
   * @param positions of prompt and text together at most
   * @param ends tokens that end it
   * @param stops texts that end it
   */
  public record Limits(int tokens, int positions, Set<Integer> ends, List<String> stops) {
    public Limits {
      ends = Set.copyOf(ends);
      stops = List.copyOf(stops);
    }
  }

  /** Why a text ended. */
  public enum Reason {
    /** A token that ends it. */
    END,
    /** A text that ends it. */
    STOP,
    /** It has as many tokens as were asked for. */
    LENGTH,
    /** The model was not made for more positions. */
    POSITIONS
  }

  /**
   * A text, and what it took.
   *
   * @param text all of it
   * @param ids its tokens, with that which ended it
   * @param reason why it ended
   * @param promptTokens tokens of the prompt
   * @param promptNanos time until the first token was known
   * @param nanos time from then on
   */
  public record Result(
      String text,
      List<Integer> ids,
      Reason reason,
      int promptTokens,
      long promptNanos,
      long nanos) {
    public Result {
      ids = List.copyOf(ids);
    }

    /** Tokens a second after the first one; NaN where there was no other. */
    public double tokensPerSecond() {
      return ids.size() < 2 ? Double.NaN : (ids.size() - 1) / (nanos / 1e9);
    }

    /** Tokens of the prompt a second. */
    public double promptTokensPerSecond() {
      return promptTokens / (promptNanos / 1e9);
    }
  }

  public Generation(ResidentModel model, Sampling sampling, TokenBytes tokens, Limits limits) {
    sequence = new ContinuedSequence(model);
    sampler = new TokenSampler(sampling);
    this.tokens = tokens;
    this.limits = limits;
  }

  /**
   * Generates a text. A prompt that begins with the last one and its text is computed from there
   * on.
   *
   * @param prompt tokens, at least one, fewer than the positions
   * @param sink takes the text piece by piece
   */
  public Result run(int[] prompt, Consumer<String> sink) {
    long begin = System.nanoTime();
    TextStream text = new TextStream(limits.stops(), sink);
    List<Integer> ids = new ArrayList<>();
    int[] all = prompt;
    long first = 0;
    Reason reason = null;
    while (reason == null) {
      int next = sampler.next(sequence.logits(all));
      first = ids.isEmpty() ? System.nanoTime() : first;
      ids.add(next);
      all = Arrays.copyOf(all, all.length + 1);
      all[all.length - 1] = next;
      boolean end = limits.ends().contains(next);
      if (!end) {
        text.add(tokens.of(next));
      }
      reason =
          end
              ? Reason.END
              : text.ended()
                  ? Reason.STOP
                  : ids.size() >= limits.tokens()
                      ? Reason.LENGTH
                      : all.length >= limits.positions() ? Reason.POSITIONS : null;
    }
    text.finish();
    long end = System.nanoTime();
    return new Result(text.text(), ids, reason, prompt.length, first - begin, end - first);
  }
}
