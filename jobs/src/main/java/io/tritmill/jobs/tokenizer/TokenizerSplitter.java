package io.tritmill.jobs.tokenizer;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;

/** The pre-tokenizer of a tokenizer.json, of components that are known not to end the process. */
final class TokenizerSplitter {
  private static final int MAX_PARTS = 32;
  private static final List<String> BEHAVIORS =
      List.of("Removed", "Isolated", "MergedWithPrevious", "MergedWithNext", "Contiguous");

  private int parts;
  private int byteLevels;
  private long longestRun = TokenizerPattern.ANY_RUN;

  /** Checks a component and all within it; gives what the library may get. */
  ObjectNode checked(TokenizerPart part) {
    if (++parts > MAX_PARTS) {
      throw part.unsupported("is one of more than %d components", MAX_PARTS);
    }
    String type = part.type();
    switch (type) {
      case "Sequence" -> {
        ArrayNode within = part.safe().putArray("pretokenizers");
        part.parts("pretokenizers").forEach(one -> within.add(checked(one)));
      }
      case "ByteLevel" -> {
        if (++byteLevels > 2) {
          throw part.unsupported("is one of more than two that write bytes as letters");
        }
        part.flag("add_prefix_space");
        part.flag("trim_offsets");
        if (part.flag("use_regex", true)) {
          longestRun = Math.min(longestRun, TokenizerPattern.LONG_RUN);
        }
      }
      case "Metaspace" -> {
        part.character("replacement");
        part.flag("add_prefix_space", true);
        part.flag("split", true);
        if (part.fields().hasNonNull("prepend_scheme")) {
          part.oneOf("prepend_scheme", List.of("first", "never", "always"));
        }
      }
      case "Split" -> {
        longestRun = Math.min(longestRun, TokenizerPattern.of(part));
        part.oneOf("behavior", BEHAVIORS);
        part.flag("invert");
      }
      case "Punctuation" -> {
        if (part.fields().hasNonNull("behavior")) {
          part.oneOf("behavior", BEHAVIORS);
        }
      }
      case "Digits" -> part.flag("individual_digits");
      case "CharDelimiterSplit" -> part.character("delimiter");
      case "FixedLength" -> {
        if (part.fields().has("length")) {
          part.whole("length", 1, 1 << 20);
        }
      }
      case "BertPreTokenizer", "Whitespace", "WhitespaceSplit", "UnicodeScripts" -> {}
      default ->
          throw part.unsupported("is of type %s", TokenizerPart.shown(part.fields().get("type")));
    }
    return part.safe();
  }

  /** The longest run of letters or of spaces that its patterns may get. */
  long longestRun() {
    return longestRun;
  }
}
