package io.tritmill.jobs.data;

import io.tritmill.jobs.failure.BadInputException;
import java.util.Arrays;

/**
 * A way to cut documents into sequences and to average over them; numbers of different protocols
 * cannot be compared.
 */
public enum Protocol {
  /**
   * Each document is BOS and its tokens, cut to the sequence length; perplexity = exp(sum of NLL /
   * predicted tokens) over all documents.
   */
  DOCUMENTS("documents"),

  /**
   * All documents joined by a blank line and tokenized once, one BOS at the start, disjoint windows
   * of the sequence length, the last partial one dropped; perplexity = exp(mean over windows of the
   * mean NLL of a window's labels), as GPTQ (arXiv:2210.17323) reports WikiText-2.
   */
  WINDOWS("windows");

  private final String key;

  Protocol(String key) {
    this.key = key;
  }

  /** The name on the command line and in reports. */
  public String key() {
    return key;
  }

  /**
   * The protocol of a name.
   *
   * @throws BadInputException if there is none
   */
  public static Protocol of(String key) {
    return Arrays.stream(values())
        .filter(protocol -> protocol.key.equals(key))
        .findFirst()
        .orElseThrow(
            () ->
                BadInputException.usage(
                    "Protocol %s is unknown; use %s",
                    key, String.join(" or ", Arrays.stream(values()).map(Protocol::key).toList())));
  }
}
