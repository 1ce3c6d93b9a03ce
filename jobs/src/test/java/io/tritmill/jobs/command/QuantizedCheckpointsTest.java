package io.tritmill.jobs.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.tritmill.jobs.CaseModel;
import io.tritmill.jobs.CaseModel.Tensor;
import io.tritmill.jobs.Invocation;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Weights that another program has quantized are never taken for plain ones. */
@Tag("slow")
class QuantizedCheckpointsTest {
  private static final String QUERY = "model.layers.0.self_attn.q_proj.";

  @TempDir private Path directory;

  private static Tensor zeros(String dtype, int width, Integer... shape) {
    int elements = Stream.of(shape).reduce(1, Math::multiplyExact);
    return new Tensor(dtype, List.of(shape), new byte[elements * width]);
  }

  private static void gptq(Map<String, Tensor> tensors) {
    tensors.remove(QUERY + "weight");
    tensors.put(QUERY + "qweight", zeros("I32", 4, 8, 64));
    tensors.put(QUERY + "qzeros", zeros("I32", 4, 2, 8));
    tensors.put(QUERY + "scales", zeros("F16", 2, 2, 64));
  }

  private static void fp8(Map<String, Tensor> tensors) {
    tensors.put(QUERY + "weight", zeros("F8_E4M3", 1, 64, 64));
    tensors.put(QUERY + "weight_scale_inv", zeros("F32", 4, 1, 1));
  }

  private static void bitsandbytes(Map<String, Tensor> tensors) {
    tensors.put(QUERY + "weight", zeros("U8", 1, 2048, 1));
    tensors.put(QUERY + "weight.absmax", zeros("U8", 1, 64));
  }

  private static void mxfp4(Map<String, Tensor> tensors) {
    tensors.put("model.layers.0.mlp.experts.down_proj_blocks", zeros("U8", 1, 2, 64, 48));
    tensors.put("model.layers.0.mlp.experts.down_proj_scales", zeros("U8", 1, 2, 64, 3));
  }

  private static Arguments row(
      String sign, String configuration, Consumer<Map<String, Tensor>> change) {
    return arguments(sign, configuration.replace('\'', '"'), change);
  }

  static Stream<Arguments> quantized() {
    Consumer<Map<String, Tensor>> plain = tensors -> {};
    String gptq = "{'quantization_config': {'quant_method': 'gptq', 'bits': 3}}";
    return Stream.of(
        row("(quantization_config says gptq)", gptq, QuantizedCheckpointsTest::gptq),
        row("(quantization_config says gptq)", gptq, plain),
        row("tensor " + QUERY + "qweight is of gptq or awq", "{}", QuantizedCheckpointsTest::gptq),
        row(
            "(quantization_config says fp8)",
            "{'quantization_config': {'quant_method': 'fp8', 'weight_block_size': [64, 64]}}",
            QuantizedCheckpointsTest::fp8),
        row(
            "(quantization_config says compressed-tensors)",
            "{'quantization_config': {'quant_method': 'compressed-tensors', 'format': 'float-quantized',"
                + " 'config_groups': {'group_0': {'weights': {'num_bits': 4, 'type': 'float',"
                + " 'strategy': 'tensor'}}}}}",
            QuantizedCheckpointsTest::fp8),
        row(
            "(quantization_config says fp8)",
            "{'quantization_config': {'quant_method': 'fp8'}}",
            plain),
        row(
            "q_proj.weight is of dtype F8_E5M2",
            "{}",
            t -> t.put(QUERY + "weight", zeros("F8_E5M2", 1, 64, 64))),
        row(
            "gate_up_proj_scale_inv is of fp8",
            "{}",
            t -> t.put("gate_up_proj_scale_inv", zeros("F32", 4, 2))),
        row(
            "(quantization_config says bitsandbytes)",
            "{'quantization_config': {'quant_method': 'bitsandbytes', 'load_in_4bit': true}}",
            QuantizedCheckpointsTest::bitsandbytes),
        row(
            "(quantization_config says bitnet)",
            "{'quantization_config': {'quant_method': 'bitnet', 'use_rms_norm': true}}",
            plain),
        row(
            "(quantization_config says bitnet)",
            "{'quantization_config': {'quant_method': 'bitnet',"
                + " 'modules_to_not_convert': ['o_proj']}}",
            plain),
        row("q_proj.weight is of dtype U8", "{}", QuantizedCheckpointsTest::bitsandbytes),
        row("down_proj_blocks is of mxfp4", "{}", QuantizedCheckpointsTest::mxfp4),
        row(
            "scales are scales of a weight",
            "{}",
            t -> t.put(QUERY + "scales", zeros("F16", 2, 2))),
        row("(quantization says 4 bits)", "{'quantization': {'group_size': 64, 'bits': 4}}", plain),
        row("(quantization_config says no method)", "{'quantization_config': {}}", plain),
        row(
            "(quantization_config says awq)",
            "{'text_config': {'quantization_config': {'quant_method': 'awq'}}}",
            plain),
        row(
            "(compression_config says compressed-tensors)",
            "{'compression_config': {'quant_method': 'compressed-tensors'}}",
            plain));
  }

  @ParameterizedTest
  @MethodSource("quantized")
  void areRefused(String sign, String configuration, Consumer<Map<String, Tensor>> change) {
    CaseModel model = CaseModel.in(directory).config(configuration).tensors(change);

    for (List<Object> more : List.of(List.<Object>of(), List.<Object>of("--weights-only"))) {
      List<Object> arguments =
          new ArrayList<>(List.of("plan", "--model", model.model(), "--recipe", "twn"));
      arguments.addAll(more);
      Invocation refused = Invocation.of(arguments.toArray()).exits(3);

      String said = refused.err().lines().toList().getLast();
      assertTrue(said.contains("model: is quantized already ("), said);
      assertTrue(said.contains(sign), said);
      assertTrue(said.endsWith("; give the checkpoint that it was made from"), said);
    }
    model.evaluate().exits(3);
  }

  /** As transformers takes it. */
  @Test
  void aConfigurationOfNeitherWidthSaysNothing() {
    CaseModel model =
        CaseModel.in(directory)
            .config(
                "{\"quantization_config\": {\"quant_method\": \"bitsandbytes\","
                    + " \"load_in_4bit\": false}}");

    assertEquals(CaseModel.PERPLEXITY, model.perplexity(), 1e-6 * CaseModel.PERPLEXITY);
  }
}
