package io.tritmill.jobs.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.tritmill.jobs.CaseModel;
import io.tritmill.jobs.Invocation;
import io.tritmill.jobs.SharedSpark;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What is computed from a config.json is what transformers computes from it, or one sentence. */
@Tag("slow")
@ExtendWith(SharedSpark.class)
class ConfiguredModelsTest {
  /** What other float32 arithmetic may differ by. */
  private static final double EXACT = 1e-6;

  private static final String LINEAR = "{'rope_type': 'linear', 'factor': 2.0}";
  private static final String LLAMA_3 =
      "'rope_type': 'llama3', 'factor': 8.0, 'low_freq_factor': 1.0, 'high_freq_factor': 4.0";
  private static final String MISTRAL = "'model_type': 'mistral'";

  @TempDir private Path directory;

  private static Arguments row(double perplexity, String changes, String... without) {
    return arguments(perplexity, changes.replace('\'', '"'), List.of(without));
  }

  /** Perplexities that transformers computed of the same folder. */
  static Stream<Arguments> numbers() {
    double plain = CaseModel.PERPLEXITY;
    return Stream.of(
        row(plain, "{}"),
        row(1548.3269, "{'rope_theta': 500000.0, 'rope_parameters': " + LINEAR + "}"),
        row(1431.7792, "{'rope_parameters': {'rope_type': 'default', 'rope_theta': 500000.0}}"),
        row(plain, "{}", "rope_theta", "hidden_act", "tie_word_embeddings", "bos_token_id"),
        row(1487.7397, "{'rope_scaling': " + LINEAR + "}"),
        row(1487.7397, "{'rope_scaling': {'type': 'linear', 'factor': 2.0}}"),
        row(1487.7397, "{'rope_scaling': {}, 'rope_parameters': " + LINEAR + "}"),
        row(
            1487.7397,
            "{'rope_scaling': "
                + LINEAR
                + ", 'rope_parameters': {'rope_type': 'linear', 'factor': 4.0}}"),
        row(plain, "{'rope_scaling': {'rope_type': 'default', 'type': 'linear', 'factor': 2.0}}"),
        row(
            1460.6128,
            "{'rope_scaling': {" + LLAMA_3 + ", 'original_max_position_embeddings': 64}}"),
        row(1444.4933, "{'rope_scaling': {" + LLAMA_3 + "}}"),
        row(1434.6546, "{'rope_scaling': {" + LLAMA_3 + "}}", "max_position_embeddings"),
        row(
            1587.5263,
            "{'original_max_position_embeddings': 16, 'rope_scaling': {"
                + LLAMA_3
                + ", 'original_max_position_embeddings': 64}}"),
        row(plain, "{'sliding_window': 8}"),
        row(plain, "{" + MISTRAL + "}"),
        row(plain, "{" + MISTRAL + ", 'sliding_window': null}"),
        row(1287.3837, "{" + MISTRAL + ", 'sliding_window': 8, 'use_sliding_window': false}"),
        row(plain, "{" + MISTRAL + ", 'attention_bias': true}"),
        row(plain, "{'hidden_act': 'swish', 'head_dim': null, 'pretraining_tp': 2}"),
        row(plain, "{'hidden_activation': 'gelu', 'attention_multiplier': 0.5}"),
        row(plain, "{'partial_rotary_factor': 0.5}"),
        row(922.4136, "{'rms_norm_eps': 0.5}"),
        row(1431.4704, "{}", "rms_norm_eps"));
  }

  @ParameterizedTest
  @MethodSource("numbers")
  void hasThePerplexityThatTransformersComputes(
      double perplexity, String changes, List<String> without) {
    CaseModel model = CaseModel.in(directory).config(changes);

    double found = model.without(without.toArray(String[]::new)).perplexity();

    assertEquals(perplexity, found, EXACT * perplexity);
  }

  @Test
  void saysWhatItDoesNotRead() {
    CaseModel model = CaseModel.in(directory).config("{\"sliding_window\": 8}");

    Invocation evaluated = model.evaluate().exits(0);

    String sentence =
        "warning: file:%s/config.json: a model_type of llama does not use sliding_window (8)";
    assertTrue(evaluated.err().contains(sentence.formatted(model.model())), evaluated.err());
  }

  /** Python writes numbers that are none, in keys that nobody reads. */
  @Test
  void numbersThatAreNoneTravelIntoTheRun() throws IOException {
    CaseModel model = CaseModel.in(directory).config("{\"time_step_limit\": [0.0, Infinity]}");
    Path recipe = directory.resolve("recipe.yaml");
    Files.writeString(
        recipe, "version: 1\nname: tiny\nrules: [{match: \"*\", stages: [{twn: {}}]}]\n");
    Path run = directory.resolve("run");

    Invocation.of("compress", "--model", model.model(), "--recipe", recipe, "--output", run)
        .exits(0);

    String config = Files.readString(run.resolve("model/config.json"));
    assertTrue(config.contains("\"time_step_limit\" : [ 0.0, Infinity ]"), config);
  }

  private static Arguments refusal(int exitCode, String sentence, String changes) {
    return arguments(exitCode, sentence, changes.replace('\'', '"'));
  }

  static Stream<Arguments> refusals() {
    return Stream.of(
        refusal(3, "rope_type is dynamic", "{'rope_scaling': {'rope_type': 'dynamic'}}"),
        refusal(4, "short_factor is null", "{'rope_parameters': {'rope_type': 'longrope'}}"),
        refusal(
            3, "of full_attention are an object", "{'rope_parameters': {'full_attention': {}}}"),
        refusal(
            3,
            "partial_rotary_factor is 0.5",
            "{'partial_rotary_factor': 0.5, 'rope_scaling': " + LINEAR + "}"),
        refusal(3, "hidden_act is gelu, expected silu", "{'hidden_act': 'gelu'}"),
        refusal(3, "has the key text_config", "{'text_config': {'hidden_size': 64}}"),
        refusal(3, "has the key per_layer_config", "{'per_layer_config': {'0': {}}}"),
        refusal(3, "has the key layer_types", "{" + MISTRAL + ", 'layer_types': []}"),
        refusal(4, "bos_token_id is 128000, but vocab_size is 259", "{'bos_token_id': 128000}"),
        refusal(4, "bos_token_id is -2, but vocab_size is 259", "{'bos_token_id': -2}"),
        refusal(4, "bos_token_id is [1, 2], expected a number", "{'bos_token_id': [1, 2]}"),
        refusal(4, "rms_norm_eps is NaN, expected", "{'rms_norm_eps': NaN}"),
        refusal(4, "rms_norm_eps is -100, expected", "{'rms_norm_eps': -100}"),
        refusal(4, "rms_norm_eps is null, expected", "{'rms_norm_eps': null}"),
        refusal(4, "rope_theta is 0, expected", "{'rope_theta': 0}"),
        refusal(4, "rope_theta is -1.0, expected", "{'rope_theta': -1.0}"),
        refusal(4, "rope_theta is Infinity, expected", "{'rope_theta': 1e999}"),
        refusal(4, "factor is 0, expected", "{'rope_scaling': {'type': 'linear', 'factor': 0}}"),
        refusal(4, "factor is missing, expected", "{'rope_scaling': {'type': 'linear'}}"),
        refusal(4, "sliding_window is -3, expected", "{'sliding_window': -3}"),
        refusal(4, "sliding_window is 0, expected", "{" + MISTRAL + ", 'sliding_window': 0}"),
        refusal(
            4,
            "max_position_embeddings is 0, expected at least 1",
            "{'max_position_embeddings': 0}"));
  }

  @ParameterizedTest
  @MethodSource("refusals")
  void isRefusedInOneSentence(int exitCode, String sentence, String changes) {
    Invocation refused = CaseModel.in(directory).config(changes).evaluate().exits(exitCode);

    String said = refused.err().lines().toList().getLast();
    assertTrue(said.startsWith("tritmill: ") && said.contains("config.json: "), said);
    assertTrue(said.contains(sentence), said);
    assertEquals(exitCode == 3, said.contains("give --weights-only to compress it"), said);
  }
}
