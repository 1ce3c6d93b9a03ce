package io.tritmill.jobs.fuzz;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;

/** Small tokenizers of every kind of model, with every component that is supported. */
public final class TokenizerSeeds {
  private static final List<String> MODELS =
      List.of(
          """
          {"type":"BPE","dropout":null,"unk_token":"<unk>","continuing_subword_prefix":null,
           "end_of_word_suffix":null,"fuse_unk":true,"byte_fallback":true,"ignore_merges":true,
           "vocab":{"<unk>":0,"a":1,"b":2,"ab":3,"\u0120":4,"\u0120a":5,"<0x41>":6},
           "merges":["a b","\u0120 a"]}""",
          """
          {"type":"BPE","continuing_subword_prefix":"##","end_of_word_suffix":"</w>",
           "vocab":{"a":0,"##b":1,"ab":2,"##b</w>":3,"ab</w>":4},
           "merges":[["a","##b"],["a","##b</w>"]]}""",
          """
          {"type":"WordPiece","unk_token":"[UNK]","continuing_subword_prefix":"##",
           "max_input_chars_per_word":100,"vocab":{"[UNK]":0,"a":1,"##b":2,"word":3}}""",
          """
          {"type":"WordLevel","unk_token":"a","vocab":{"a":0,"word":1,"b":2}}""",
          """
          {"type":"Unigram","unk_id":0,"byte_fallback":false,
           "vocab":[["<unk>",0.0],["a",-1.0],["b",-1.5],["ab",-1.2],["\u2581",-2.0],["\u2581a",-3]]}""");

  private static final List<String> NORMALIZERS =
      List.of(
          "null",
          """
          {"type":"BertNormalizer","clean_text":true,"handle_chinese_chars":true,
           "strip_accents":null,"lowercase":true}""",
          """
          {"type":"Sequence","normalizers":[{"type":"Prepend","prepend":"\u2581"},
           {"type":"Replace","pattern":{"String":" "},"content":"\u2581"}]}""",
          """
          {"type":"Sequence","normalizers":[{"type":"NFD"},{"type":"NFC"},{"type":"NFKD"},
           {"type":"NFKC"},{"type":"Lowercase"},{"type":"Nmt"},{"type":"StripAccents"},
           {"type":"Strip","strip_left":true,"strip_right":false},
           {"type":"Replace","pattern":{"Regex":" {2,}"},"content":"_"}]}""",
          "{\"type\":\"ByteLevel\"}",
          "{\"type\":\"Precompiled\",\"precompiled_charsmap\":\"" + charsmap() + "\"}");

  private static final List<String> SPLITTERS =
      List.of(
          "null",
          "{\"type\":\"ByteLevel\",\"add_prefix_space\":true,\"trim_offsets\":true,\"use_regex\":true}",
          "{\"type\":\"BertPreTokenizer\"}",
          """
          {"type":"Metaspace","replacement":"\u2581","prepend_scheme":"first","split":true}""",
          """
          {"type":"Sequence","pretokenizers":[{"type":"Whitespace"},{"type":"WhitespaceSplit"},
           {"type":"Punctuation","behavior":"Isolated"},{"type":"Digits","individual_digits":true},
           {"type":"UnicodeScripts"},{"type":"FixedLength","length":3},
           {"type":"CharDelimiterSplit","delimiter":"-"}]}""",
          """
          {"type":"Sequence","pretokenizers":[{"type":"Split","pattern":{"Regex":
           "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\\\r\\\\n\\\\p{L}\\\\p{N}]?\\\\p{L}+|\\\\p{N}{1,3}| ?[^\\\\s\\\\p{L}\\\\p{N}]+[\\\\r\\\\n]*|\\\\s*[\\\\r\\\\n]+|\\\\s+(?!\\\\S)|\\\\s+"},
           "behavior":"Isolated","invert":false},{"type":"Split","pattern":{"String":"b"},
           "behavior":"MergedWithPrevious","invert":true},
           {"type":"ByteLevel","add_prefix_space":false,"trim_offsets":true,"use_regex":false}]}""");

  private TokenizerSeeds() {}

  /** Each model with each normalizer and each pre-tokenizer in turn. */
  public static List<byte[]> all() {
    List<byte[]> all = new ArrayList<>();
    for (int i = 0; i < MODELS.size() * NORMALIZERS.size(); i++) {
      all.add(
          of(
                  MODELS.get(i % MODELS.size()),
                  NORMALIZERS.get(i % NORMALIZERS.size()),
                  SPLITTERS.get((i + i / 6) % SPLITTERS.size()))
              .getBytes(StandardCharsets.UTF_8));
    }
    return all;
  }

  /** A tokenizer.json of these parts. */
  public static String of(String model, String normalizer, String splitter) {
    return """
        {"version":"1.0","truncation":null,"padding":null,"added_tokens":[],
         "normalizer":%s,"pre_tokenizer":%s,"post_processor":null,"decoder":null,"model":%s}
        """
        .formatted(normalizer, splitter, model);
  }

  /** A table that maps A to b, in the layout of SentencePiece. */
  public static String charsmap() {
    ByteBuffer bytes = ByteBuffer.allocate(4 + 256 * 4 + 2).order(ByteOrder.LITTLE_ENDIAN);
    int[] units = new int[256];
    units[0] = 1 << 10;
    units[1 ^ 'A'] = 2 << 10 | 1 << 8 | 'A';
    units[1 ^ 'A' ^ 2] = 1 << 31;
    bytes.putInt(256 * 4);
    for (int unit : units) {
      bytes.putInt(unit);
    }
    return Base64.getEncoder().encodeToString(bytes.put((byte) 'b').put((byte) 0).array());
  }
}
