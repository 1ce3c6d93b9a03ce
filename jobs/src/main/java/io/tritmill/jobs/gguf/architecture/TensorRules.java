package io.tritmill.jobs.gguf.architecture;

import io.tritmill.jobs.tensor.Change;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * The names of a description's tensors, from ggml to the family and back.
 *
 * <p>Most names are common to all architectures: groups of them stand here, and a description takes
 * those that it has.
 */
final class TensorRules {
  static final String EMBEDDING = "token_embd.weight";
  static final String HEAD = "output.weight";

  private static final Fold AS_IS = new Fold.AsIs();

  /** Outside all blocks. */
  static final TensorRules OUTSIDE =
      of(
          TensorRule.of(EMBEDDING, "model.embed_tokens.weight", AS_IS),
          TensorRule.of("output_norm.weight", "model.norm.weight", AS_IS),
          TensorRule.of(HEAD, "lm_head.weight", AS_IS));

  /** Attention whose pairs are halves of heads. */
  static final TensorRules ATTENTION = attention(false, false);

  /** Attention whose pairs are neighbours in ggml, and halves of heads in the family. */
  static final TensorRules PAIRED_ATTENTION = attention(true, false);

  /** Attention whose results are multiplied by gates, which queries bring. */
  static final TensorRules GATED_ATTENTION = attention(false, true);

  /** A norm before attention, and one before the feed-forward. */
  static final TensorRules NORMS =
      weights("attn_norm", "input_layernorm", "ffn_norm", "post_attention_layernorm");

  /** The same where ggml calls the second one after what it comes behind. */
  static final TensorRules NORMS_BEHIND =
      weights("attn_norm", "input_layernorm", "post_attention_norm", "post_attention_layernorm");

  /** Norms behind attention and the feed-forward. */
  static final TensorRules NORMS_AFTER =
      weights(
          "post_attention_norm",
          "post_attention_layernorm",
          "post_ffw_norm",
          "post_feedforward_layernorm");

  /** Norms of queries and keys. */
  static final TensorRules HEAD_NORMS =
      weights("attn_q_norm", "self_attn.q_norm", "attn_k_norm", "self_attn.k_norm");

  static final TensorRules FEED_FORWARD =
      weights("ffn_gate", "mlp.gate_proj", "ffn_up", "mlp.up_proj", "ffn_down", "mlp.down_proj");

  /** A feed-forward without a gate. */
  static final TensorRules UNGATED = weights("ffn_up", "mlp.up_proj", "ffn_down", "mlp.down_proj");

  /** A feed-forward whose gate and up are one tensor. */
  static final TensorRules FUSED =
      weights("ffn_up", "mlp.gate_up_proj", "ffn_down", "mlp.down_proj");

  /** Experts one by one, and what chooses them. */
  static final TensorRules EXPERTS = routed(false);

  /** The same in two tensors, gate above up. */
  static final TensorRules STACKED_EXPERTS = routed(true);

  /** Experts as Mixtral has them. */
  static final TensorRules MIXTRAL_EXPERTS =
      experts(
              "block_sparse_moe.experts.%d.w1",
              "block_sparse_moe.experts.%d.w3", "block_sparse_moe.experts.%d.w2")
          .and(weights("ffn_gate_inp", "block_sparse_moe.gate"));

  /** What is added to the scores for the choice. */
  static final TensorRules CORRECTION =
      of(TensorRule.of("exp_probs_b.bias", "mlp.gate.e_score_correction_bias", AS_IS));

  /** Experts that all tokens meet. */
  static final TensorRules SHARED_EXPERTS =
      weights(
          "ffn_gate_shexp",
          "mlp.shared_experts.gate_proj",
          "ffn_up_shexp",
          "mlp.shared_experts.up_proj",
          "ffn_down_shexp",
          "mlp.shared_experts.down_proj");

  /** One expert that all tokens meet, by a gate. */
  static final TensorRules SHARED_EXPERT =
      weights(
              "ffn_gate_shexp",
              "mlp.shared_expert.gate_proj",
              "ffn_up_shexp",
              "mlp.shared_expert.up_proj",
              "ffn_down_shexp",
              "mlp.shared_expert.down_proj")
          .and(
              of(
                  TensorRule.of(
                      "ffn_gate_inp_shexp.weight",
                      "mlp.shared_expert_gate.weight",
                      new Fold.OneInFront())));

  /** What a block has besides that predicts further tokens. */
  static final TensorRules PREDICTION =
      weights(
          "nextn.eh_proj",
          "eh_proj",
          "nextn.enorm",
          "enorm",
          "nextn.hnorm",
          "hnorm",
          "nextn.embed_tokens",
          "embed_tokens",
          "nextn.shared_head_head",
          "shared_head.head",
          "nextn.shared_head_norm",
          "shared_head.norm");

  private final Map<String, TensorRule> byStored = new LinkedHashMap<>();

  /** Other tensors of the family that ggml's are made of, where it has these. */
  private final List<TensorRule> others;

  private TensorRules(Collection<TensorRule> rules, Collection<TensorRule> others) {
    this.others = List.copyOf(others);
    for (TensorRule rule : rules) {
      for (String stored : rule.stored()) {
        byStored.put(stored, rule);
      }
    }
  }

  static TensorRules of(TensorRule... rules) {
    return new TensorRules(List.of(rules), List.of());
  }

  /** Tensors that are alike on both sides, ggml's name and the family's in turn. */
  static TensorRules weights(String... names) {
    return new TensorRules(
        IntStream.range(0, names.length / 2)
            .mapToObj(
                i -> TensorRule.of(names[2 * i] + ".weight", names[2 * i + 1] + ".weight", AS_IS))
            .toList(),
        List.of());
  }

  /** Stacks of gates, of ups or of both, and of downs, which the family has one by one. */
  private static TensorRules experts(String gate, String up, String down) {
    return of(
        TensorRule.of("ffn_gate_exps.weight", gate + ".weight", StackFold.EACH),
        TensorRule.of("ffn_up_exps.weight", up + ".weight", StackFold.EACH),
        TensorRule.of("ffn_down_exps.weight", down + ".weight", StackFold.EACH),
        new TensorRule(
            List.of("ffn_gate_up_exps.weight"),
            List.of(gate + ".weight", up + ".weight"),
            StackFold.EACH));
  }

  /** Experts as they are read; they are written whichever way they lie. */
  private static TensorRules routed(boolean stacked) {
    TensorRules apart =
        experts("mlp.experts.%d.gate_proj", "mlp.experts.%d.up_proj", "mlp.experts.%d.down_proj");
    TensorRules together =
        stackedExperts("mlp.experts.gate_up_proj", "mlp.experts.down_proj", StackFold.ABOVE);
    return (stacked ? together.orWrittenAs(apart) : apart.orWrittenAs(together))
        .and(weights("ffn_gate_inp", "mlp.gate"));
  }

  /** Stacks of gates and of ups, which the family has as one. */
  static TensorRules stackedExperts(String gateUp, String down, StackFold fold) {
    return of(
        new TensorRule(
            List.of("ffn_gate_exps.weight", "ffn_up_exps.weight"), List.of(gateUp), fold),
        TensorRule.of("ffn_gate_up_exps.weight", gateUp, AS_IS),
        TensorRule.of("ffn_down_exps.weight", down, AS_IS));
  }

  private static TensorRules attention(boolean paired, boolean gated) {
    Fold queries = paired ? new Fold.Pairs(false) : AS_IS;
    Fold keys = paired ? new Fold.Pairs(true) : AS_IS;
    List<String> three =
        List.of("self_attn.q_proj.weight", "self_attn.k_proj.weight", "self_attn.v_proj.weight");
    return of(
        TensorRule.of("attn_q.weight", "self_attn.q_proj.weight", queries),
        TensorRule.of("attn_k.weight", "self_attn.k_proj.weight", keys),
        TensorRule.of("attn_v.weight", "self_attn.v_proj.weight", AS_IS),
        TensorRule.of("attn_output.weight", "self_attn.o_proj.weight", AS_IS),
        new TensorRule(List.of("attn_qkv.weight"), three, new Fold.Joined(paired, gated)));
  }

  /** These and others; where both have a name, the others' counts. */
  TensorRules and(TensorRules others) {
    Map<String, TensorRule> all = new LinkedHashMap<>(byStored);
    all.putAll(others.byStored);
    return new TensorRules(
        all.values(), Stream.concat(this.others.stream(), others.others.stream()).toList());
  }

  /** These, of which ggml's tensors are also made of those that others have. */
  TensorRules orWrittenAs(TensorRules written) {
    return new TensorRules(all(), written.all());
  }

  /** These, and a bias beside each weight of some of ggml's modules. */
  TensorRules biased(String... modules) {
    TensorRules biases =
        new TensorRules(
            byStored.values().stream()
                .filter(
                    rule ->
                        Arrays.stream(modules)
                            .anyMatch(name -> rule.stored().getFirst().equals(name + ".weight")))
                .map(rule -> changed(rule, name -> name.replaceFirst("\\.weight$", ".bias")))
                .toList(),
            List.of());
    return and(biases);
  }

  private static TensorRule changed(TensorRule rule, UnaryOperator<String> change) {
    return new TensorRule(
        rule.stored().stream().map(change).toList(),
        rule.names().stream().map(change).toList(),
        rule.fold());
  }

  /** These under names of the family that begin so. */
  TensorRules under(String prefix) {
    return each(
        rule ->
            new TensorRule(
                rule.stored(),
                rule.names().stream().map(name -> prefix + name).toList(),
                rule.fold()));
  }

  private TensorRules each(UnaryOperator<TensorRule> change) {
    return new TensorRules(
        byStored.values().stream().map(change).toList(), others.stream().map(change).toList());
  }

  /** These, with gains of norms that are stored whole, but for one. */
  TensorRules gainsLessOne(String butFor) {
    Fold lessOne = new Fold.Values(Change.LESS_ONE);
    return each(
        rule ->
            rule.stored().getFirst().endsWith("norm.weight")
                    && !rule.stored().getFirst().equals(butFor)
                ? new TensorRule(rule.stored(), rule.names(), lessOne)
                : rule);
  }

  /** All of them; of those that hold the same, what is written comes first. */
  List<TensorRule> all() {
    return Stream.concat(byStored.values().stream(), others.stream()).distinct().toList();
  }

  /** The rule of one of ggml's names. */
  Optional<TensorRule> stored(String name) {
    return Optional.ofNullable(byStored.get(name));
  }

  /** The rules that give one of the family's names, in which a {@code %d} stands for an expert. */
  List<TensorRule> named(String name) {
    return all().stream().filter(rule -> rule.names().contains(name)).toList();
  }
}
