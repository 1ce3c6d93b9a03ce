package io.tritmill.jobs.gguf.architecture;

import io.tritmill.jobs.tensor.Dress;
import io.tritmill.jobs.tensor.TensorInfo;
import java.util.List;
import java.util.stream.IntStream;

/**
 * A number of each block that ggml has among its keys, and the family in a tensor.
 *
 * @param key without an architecture in front
 * @param tensor its name in the block
 * @param shape of one element
 */
record BlockNumbers(String key, String tensor, List<Long> shape) {
  BlockNumbers {
    shape = List.copyOf(shape);
  }

  private String name(int block) {
    return "model.layers.%d.%s".formatted(block, tensor);
  }

  /** Their names. */
  List<String> names(int blocks) {
    return IntStream.range(0, blocks).mapToObj(this::name).toList();
  }

  /** The family's tensors. */
  List<TensorInfo> read(Keys keys) {
    List<Float> values = keys.eachBlock(key);
    return IntStream.range(0, keys.blocks())
        .mapToObj(block -> Dress.given(name(block), shape, keys.file(), List.of(values.get(block))))
        .toList();
  }
}
