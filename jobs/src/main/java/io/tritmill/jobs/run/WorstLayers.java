package io.tritmill.jobs.run;

import com.fasterxml.jackson.annotation.JsonProperty;
import io.tritmill.jobs.storage.MayBeMissing;

/**
 * The layers that lost most.
 *
 * @param weightError largest ||W - W'|| / ||W|| of a quantized layer; null when none is
 * @param weightLayer name of its tensor
 * @param outputError largest relative error of a layer's outputs on calibration data; null when no
 *     layer learned from data
 * @param outputLayer name of its tensor
 */
public record WorstLayers(
    @MayBeMissing @JsonProperty("weight_error") Double weightError,
    @MayBeMissing @JsonProperty("weight_layer") String weightLayer,
    @MayBeMissing @JsonProperty("output_error") Double outputError,
    @MayBeMissing @JsonProperty("output_layer") String outputLayer) {
  /** Nothing is quantized. */
  public static final WorstLayers NONE = new WorstLayers(null, null, null, null);

  /** These and another layer's errors, of which the larger ones stay; NaN is of none. */
  public WorstLayers with(String layer, double weights, double outputs) {
    boolean worseWeights = !Double.isNaN(weights) && (weightError == null || weights > weightError);
    boolean worseOutputs = !Double.isNaN(outputs) && (outputError == null || outputs > outputError);
    return new WorstLayers(
        worseWeights ? Double.valueOf(weights) : weightError,
        worseWeights ? layer : weightLayer,
        worseOutputs ? Double.valueOf(outputs) : outputError,
        worseOutputs ? layer : outputLayer);
  }
}
