package io.tritmill.jobs.gguf.architecture;

import io.tritmill.jobs.gguf.GgufArray;
import io.tritmill.kernels.model.Architecture;
import io.tritmill.kernels.model.Attention;
import io.tritmill.kernels.model.DeltaNet;
import io.tritmill.kernels.model.Experts;
import io.tritmill.kernels.model.FeedForward;
import io.tritmill.kernels.model.LatentAttention;
import io.tritmill.kernels.model.Norm;
import io.tritmill.kernels.model.Operator;
import io.tritmill.kernels.model.Parallel;
import io.tritmill.kernels.model.Rope;
import io.tritmill.kernels.model.Router;
import io.tritmill.kernels.model.Sublayer;
import io.tritmill.kernels.model.config.ConfigValues;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * The keys that stand for a model: what each means in ggml, as the model has it.
 *
 * <p>A key means the same in all architectures that read it, but for those of which a description
 * says otherwise.
 *
 * @param config of the decoder, for what the model as it is computed does not tell
 * @param predicting blocks that predict further tokens
 */
record ModelKeys(Architecture model, ConfigValues config, int predicting) {
  private static final Map<String, Function<ModelKeys, Object>> MEANINGS = new LinkedHashMap<>();

  static {
    meaning("block_count", keys -> keys.blocks() + keys.predicting());
    meaning("context_length", keys -> keys.model.maxPositions());
    meaning("embedding_length", keys -> keys.model.hidden());
    meaning("vocab_size", keys -> keys.model.vocabulary());
    meaning("nextn_predict_layers", keys -> keys.predicting() > 0 ? keys.predicting() : null);
    meaning("feed_forward_length", ModelKeys::width);
    meaning("attention.head_count", ModelKeys::heads);
    meaning("attention.head_count_kv", ModelKeys::keyValueHeads);
    meaning("attention.key_length", ModelKeys::keyLength);
    meaning("attention.value_length", ModelKeys::valueLength);
    meaning("attention.layer_norm_rms_epsilon", keys -> keys.epsilon(Norm.Kind.RMS));
    meaning("attention.layer_norm_epsilon", keys -> keys.epsilon(Norm.Kind.LAYER));
    latent("attention.q_lora_rank", one -> one.queryDown() == null ? null : one.queryDown().rows());
    latent("attention.kv_lora_rank", LatentAttention::latent);
    latent("attention.key_length_mla", LatentAttention::querySize);
    latent("attention.value_length_mla", LatentAttention::valueSize);
    attention("attention.scale", one -> (float) one.scale());
    attention("attn_logit_softcapping", one -> one.softCap() == 0 ? null : (float) one.softCap());
    attention(
        "attention.temperature_scale",
        one -> one.temperature() == null ? null : (float) one.temperature().slope());
    meaning("attention.sliding_window", keys -> keys.windowed().map(Attention::window));
    meaning("rope.freq_base_swa", ModelKeys::baseOfWindows);
    meaning("embedding_scale", keys -> keys.model.embeddingScale());
    meaning("residual_scale", keys -> keys.model.sublayers().getFirst().multiplier());
    meaning("logit_scale", keys -> keys.model.logitScale());
    meaning(
        "final_logit_softcapping",
        keys -> keys.model.logitSoftCap() == 0 ? null : keys.model.logitSoftCap());
    router("expert_count", Router::experts);
    router("expert_used_count", Router::chosen);
    router("expert_group_count", Router::groups);
    router("expert_group_used_count", Router::keptGroups);
    router("expert_gating_func", one -> one.score() == Router.Score.SIGMOID ? 2 : 1);
    router("expert_weights_norm", Router::normalized);
    router("expert_weights_scale", Router::scale);
    meaning(
        "expert_feed_forward_length",
        keys -> keys.experts().map(one -> one.experts().getFirst().width()));
    meaning("expert_shared_feed_forward_length", keys -> keys.shared().map(FeedForward::width));
    meaning("expert_shared_count", ModelKeys::sharedCount);
    meaning("leading_dense_block_count", ModelKeys::denseBlocks);
    meaning("interleave_moe_layer_step", keys -> keys.config.integer("moe_layer_interval", 1));
    delta("ssm.conv_kernel", one -> one.convolution().columns());
    delta("ssm.state_size", DeltaNet::keySize);
    delta("ssm.group_count", DeltaNet::keyHeads);
    delta("ssm.time_step_rank", DeltaNet::valueHeads);
    delta("ssm.inner_size", one -> one.valueHeads() * one.valueSize());
    meaning("attention.recurrent_layers", ModelKeys::recurrent);
    meaning(
        "full_attention_interval",
        keys -> keys.config.integer("full_attention_interval", Hybrids.INTERVAL_OTHERWISE));
  }

  private static void meaning(String key, Function<ModelKeys, Object> meaning) {
    MEANINGS.put(key, meaning);
  }

  private static void attention(String key, Function<Attention, Object> meaning) {
    meaning(key, keys -> keys.all(Attention.class).findFirst().map(meaning));
  }

  private static void latent(String key, Function<LatentAttention, Object> meaning) {
    meaning(key, keys -> keys.latent().map(meaning));
  }

  private static void router(String key, Function<Router, Object> meaning) {
    meaning(key, keys -> keys.experts().map(Experts::router).map(meaning));
  }

  private static void delta(String key, Function<DeltaNet, Object> meaning) {
    meaning(key, keys -> keys.all(DeltaNet.class).findFirst().map(meaning));
  }

  /** Those that a description has, with the name of its architecture in front. */
  Map<String, Object> of(Description description) {
    Map<String, Object> own = new LinkedHashMap<>();
    MEANINGS.forEach((key, meaning) -> put(own, key, meaning.apply(this)));
    RopeKeys.write(this, own);
    description.writes().forEach((key, meaning) -> put(own, key, meaning.apply(this)));
    Map<String, Object> named = new LinkedHashMap<>();
    named.put("general.architecture", description.architecture());
    own.forEach(
        (key, value) -> {
          if (description.has(key)) {
            named.put(description.architecture() + "." + key, value);
          }
        });
    return named;
  }

  private static void put(Map<String, Object> keys, String key, Object value) {
    Object present = value instanceof Optional<?> optional ? optional.orElse(null) : value;
    if (present != null) {
      keys.put(key, present);
    }
  }

  /** Operators of a kind, in the order of the forward pass. */
  private <T extends Operator> Stream<T> all(Class<T> kind) {
    return operators().filter(kind::isInstance).map(kind::cast);
  }

  private Stream<Operator> operators() {
    return model.sublayers().stream().map(Sublayer::operator).flatMap(ModelKeys::parts);
  }

  private static Stream<Operator> parts(Operator operator) {
    return operator instanceof Parallel parallel
        ? parallel.branches().stream().map(Parallel.Branch::operator)
        : Stream.of(operator);
  }

  private Optional<LatentAttention> latent() {
    return all(LatentAttention.class).findFirst();
  }

  private Optional<Experts> experts() {
    return all(Experts.class).findFirst();
  }

  int blocks() {
    return model.blocks();
  }

  /** Attention of the first block with a window. */
  Optional<Attention> windowed() {
    return all(Attention.class).filter(one -> one.window() > 0).findFirst();
  }

  /** Whether each block has a window. */
  List<Boolean> windows() {
    return all(Attention.class).map(one -> one.window() > 0).toList();
  }

  /** That of blocks which see all positions, where they have positions, else of any. */
  Optional<Rope> rope() {
    return Stream.of(
            all(Attention.class).filter(one -> one.window() == 0).map(Attention::rope),
            all(Attention.class).map(Attention::rope),
            all(LatentAttention.class).map(LatentAttention::rope))
        .flatMap(ropes -> ropes)
        .filter(Objects::nonNull)
        .findFirst();
  }

  private Float baseOfWindows() {
    return windowed().map(Attention::rope).map(rope -> (float) rope.theta()).orElse(null);
  }

  private Integer heads() {
    return latent()
        .map(LatentAttention::heads)
        .or(() -> all(Attention.class).findFirst().map(Attention::heads))
        .orElse(null);
  }

  /** ggml takes the latent for one head. */
  private Integer keyValueHeads() {
    return latent()
        .map(one -> 1)
        .or(() -> all(Attention.class).findFirst().map(Attention::keyValueHeads))
        .orElse(null);
  }

  private Integer keyLength() {
    return latent()
        .map(one -> one.latent() + one.rope().size())
        .or(() -> all(Attention.class).findFirst().map(Attention::headSize))
        .orElse(null);
  }

  private Integer valueLength() {
    return latent()
        .map(LatentAttention::latent)
        .or(() -> all(Attention.class).findFirst().map(Attention::headSize))
        .orElse(null);
  }

  private Float epsilon(Norm.Kind kind) {
    return model.finalNorm().kind() == kind ? model.finalNorm().epsilon() : null;
  }

  /** That of dense blocks; where there are none, what config.json says. */
  private Object width() {
    Optional<Integer> dense =
        model.sublayers().stream()
            .filter(one -> parts(one.operator()).noneMatch(Experts.class::isInstance))
            .flatMap(one -> parts(one.operator()))
            .filter(FeedForward.class::isInstance)
            .map(one -> ((FeedForward) one).width())
            .findFirst();
    String key = "intermediate_size";
    boolean said = config.values().get(key) != null;
    return dense.or(() -> said ? Optional.of(config.integer(key, 0)) : Optional.empty());
  }

  /** The expert that all tokens meet beside the others. */
  private Optional<FeedForward> shared() {
    return model.sublayers().stream()
        .filter(one -> parts(one.operator()).anyMatch(Experts.class::isInstance))
        .flatMap(one -> parts(one.operator()))
        .filter(FeedForward.class::isInstance)
        .map(FeedForward.class::cast)
        .findFirst();
  }

  private Integer sharedCount() {
    int width = experts().map(one -> one.experts().getFirst().width()).orElse(1);
    return experts().isEmpty() ? null : shared().map(one -> one.width() / width).orElse(0);
  }

  /** Blocks before the first one with experts. */
  private Integer denseBlocks() {
    return model.sublayers().stream()
        .filter(one -> parts(one.operator()).anyMatch(Experts.class::isInstance))
        .map(Sublayer::block)
        .findFirst()
        .orElse(null);
  }

  private GgufArray recurrent() {
    List<Boolean> kinds = new ArrayList<>(Collections.nCopies(blocks() + predicting, false));
    for (Sublayer sublayer : model.sublayers()) {
      if (sublayer.operator() instanceof DeltaNet) {
        kinds.set(sublayer.block(), true);
      }
    }
    return GgufArray.of(kinds);
  }
}
