package io.tritmill.jobs.checkpoint;

import io.tritmill.jobs.failure.Printable;
import io.tritmill.jobs.tensor.Dress;
import io.tritmill.jobs.tensor.TensorInfo;
import io.tritmill.kernels.tensor.DType;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Puts the quantized tensors of a checkpoint into the dress that they are read in: their scales are
 * a part of them and no tensors any more.
 *
 * <p>What lacks its scales stays as it is stored and makes a problem, which is told when the
 * weights are wanted: headers can be looked at all the same.
 */
final class Dressing {
  private static final String FLOAT8 = "F8_E4M3";
  private static final String BYTES = "U8";
  private static final String WORDS = "I32";
  private static final String BLOCKS = "_blocks";

  /** Whose modules of matrices are all linear. */
  private static final Pattern BLOCK_WEIGHT = Pattern.compile("\\.layers\\.\\d+\\..*\\.weight$");

  private final Map<String, TensorInfo> stored;
  private final Map<String, TensorInfo> replaced = new HashMap<>();
  private final Set<String> parts = new HashSet<>();
  private final List<String> problems = new ArrayList<>();

  private final Optional<Boolean> tritsDivided;

  private final boolean ternarizes;

  private final Optional<IntegerPacking> packing;

  private Dressing(
      Map<String, TensorInfo> stored,
      Optional<Boolean> tritsDivided,
      boolean ternarizes,
      Optional<IntegerPacking> packing) {
    this.ternarizes = ternarizes;
    this.tritsDivided = tritsDivided;
    this.packing = packing;
    this.stored = stored;
  }

  /**
   * Dresses tensors, in their order.
   *
   * @param tritsDivided whether packed trits are divided by their scales; empty where bytes are
   *     none
   * @param ternarizes whether matrices of blocks become trits as they are read
   * @param packing how integers are packed; empty where they are not
   */
  static Dressing of(
      Map<String, TensorInfo> stored,
      Optional<Boolean> tritsDivided,
      boolean ternarizes,
      Optional<IntegerPacking> packing) {
    Dressing dressing = new Dressing(stored, tritsDivided, ternarizes, packing);
    stored.values().forEach(dressing::dress);
    return dressing;
  }

  /** The tensors by name, without those that are a part of another. */
  LinkedHashMap<String, TensorInfo> tensors() {
    LinkedHashMap<String, TensorInfo> dressed = new LinkedHashMap<>();
    for (TensorInfo tensor : stored.values()) {
      if (!parts.contains(tensor.name())) {
        TensorInfo found = replaced.getOrDefault(tensor.name(), tensor);
        dressed.put(found.name(), found);
      }
    }
    return dressed;
  }

  /** A sentence for each tensor that cannot be read. */
  List<String> problems() {
    return problems;
  }

  private void dress(TensorInfo tensor) {
    if (tensor.dtype().equals(FLOAT8) && tensor.shape().size() == 2 && tensor.elements() > 0) {
      float8(tensor);
    } else if (tensor.name().endsWith(BLOCKS) && isCodes(tensor)) {
      float4(tensor);
    } else if (tritsDivided.isPresent()
        && tensor.dtype().equals(BYTES)
        && tensor.name().endsWith(".weight")
        && tensor.shape().size() == 2
        && tensor.elements() > 0) {
      trits(tensor, tritsDivided.get());
    } else if (packing.isPresent()
        && tensor.name().endsWith(packing.get().ending())
        && tensor.dtype().equals(WORDS)
        && tensor.shape().size() == 2
        && tensor.elements() > 0) {
      integers(tensor, packing.get());
    } else if (ternarizes
        && BLOCK_WEIGHT.matcher(tensor.name()).find()
        && tensor.shape().size() == 2
        && tensor.elements() > 0
        && DType.of(tensor.dtype()).isPresent()) {
      replaced.put(tensor.name(), tensor.in(Dress.ternarized()));
    }
  }

  private void trits(TensorInfo packed, boolean divided) {
    TensorInfo scale = stored.get(packed.name() + "_scale");
    if (scale == null) {
      problem(
          "%s: tensor %s has packed trits, but there is no %s_scale; is the download complete?",
          packed.file(), Printable.of(packed.name()), lastPart(packed));
    } else if (scale.elements() != 1) {
      problem(
          "%s: tensor %s has shape %s, expected the one scale of packed trits",
          scale.file(), Printable.of(scale.name()), scale.shape());
    } else if (requireFloats(scale)) {
      replace(packed, Dress.packedTrits(packed, scale, divided), scale);
    }
  }

  private void integers(TensorInfo words, IntegerPacking packing) {
    String module = words.name().substring(0, words.name().length() - packing.ending().length());
    String name = module + ".weight";
    Optional<Integer> bits = packing.bits(module);
    if (bits.isEmpty()) {
      problem(
          "%s: tensor %s has packed integers, but quantization_config does not say of how many"
              + " bits; is it that of this model?",
          words.file(), Printable.of(words.name()));
    } else if (stored.containsKey(name)) {
      problem(
          "%s: tensor %s has packed integers, but %s is there too; which of them is meant?",
          words.file(), Printable.of(words.name()), Printable.of(name));
    } else if (packing.layout() == IntegerPacking.Layout.ROWS) {
      packed(words, module, bits.get());
    } else {
      byInputs(words, module, bits.get(), packing);
    }
  }

  private void packed(TensorInfo words, String module, int bits) {
    TensorInfo scales = beside(words, module + ".weight_scale");
    if (scales != null && requireFloats(scales)) {
      Optional<TensorInfo> shape = Optional.ofNullable(stored.get(module + ".weight_shape"));
      Dress.packedIntegers(module + ".weight", words, scales, shape, bits)
          .ifPresentOrElse(
              dressed -> {
                replace(words, dressed, scales);
                shape.ifPresent(part -> parts.add(part.name()));
              },
              () -> unfitting(scales, words, bits));
    }
  }

  private void byInputs(TensorInfo words, String module, int bits, IntegerPacking packing) {
    TensorInfo scales = beside(words, module + ".scales");
    TensorInfo zeros = beside(words, module + ".qzeros");
    boolean awq = packing.layout() == IntegerPacking.Layout.AWQ;
    Optional<TensorInfo> groups =
        awq ? Optional.empty() : Optional.ofNullable(stored.get(module + ".g_idx"));
    if (scales == null
        || zeros == null
        || !requireFloats(scales)
        || !requireWords(zeros)
        || !groups.map(this::requireWords).orElse(true)) {
      return;
    }
    String name = module + ".weight";
    Optional<TensorInfo> matrix =
        awq
            ? Dress.awq(name, words, scales, zeros)
            : Dress.gptq(name, words, scales, zeros, groups, bits, packing.added());
    matrix.ifPresentOrElse(
        dressed -> {
          replace(words, dressed, scales);
          parts.add(zeros.name());
          groups.ifPresent(part -> parts.add(part.name()));
        },
        () -> unfitting(scales, words, bits));
  }

  /** A tensor without which packed integers mean nothing; null, and a problem, if there is none. */
  private TensorInfo beside(TensorInfo words, String name) {
    TensorInfo found = stored.get(name);
    if (found == null) {
      problem(
          "%s: tensor %s has packed integers, but there is no %s; is the download complete?",
          words.file(), Printable.of(words.name()), Printable.of(name));
    }
    return found;
  }

  private boolean requireWords(TensorInfo tensor) {
    boolean words = tensor.dtype().equals(WORDS);
    if (!words) {
      problem(
          "%s: tensor %s has dtype %s, expected %s",
          tensor.file(), Printable.of(tensor.name()), tensor.dtype(), WORDS);
    }
    return words;
  }

  private void unfitting(TensorInfo scales, TensorInfo words, int bits) {
    problem(
        "%s: tensor %s has shape %s, which with what lies beside it does not fit %s of shape %s,"
            + " integers of %d bits; do the files belong together?",
        scales.file(),
        Printable.of(scales.name()),
        scales.shape(),
        Printable.of(words.name()),
        words.shape(),
        bits);
  }

  private boolean isCodes(TensorInfo tensor) {
    List<Long> shape = tensor.shape();
    return tensor.dtype().equals(BYTES)
        && shape.size() == 4
        && shape.getLast() == 16
        && tensor.elements() > 0
        && !stored.containsKey(stem(tensor));
  }

  private static String stem(TensorInfo tensor) {
    return tensor.name().substring(0, tensor.name().length() - BLOCKS.length());
  }

  private void float4(TensorInfo codes) {
    TensorInfo exponents = stored.get(stem(codes) + "_scales");
    if (exponents == null) {
      problem(
          "%s: tensor %s has codes of 4-bit floats, but there is no %s_scales; is the download"
              + " complete?",
          codes.file(), Printable.of(codes.name()), Printable.of(stem(codes)));
    } else if (!exponents.dtype().equals(BYTES)) {
      problem(
          "%s: tensor %s has dtype %s, expected the exponents of %s as %s",
          exponents.file(),
          Printable.of(exponents.name()),
          exponents.dtype(),
          Printable.of(codes.name()),
          BYTES);
    } else {
      Dress.microscaledFloat4(stem(codes), codes, exponents)
          .ifPresentOrElse(
              stack -> replace(codes, stack, exponents),
              () ->
                  problem(
                      "%s: tensor %s has shape %s, but the codes of shape %s need one exponent for"
                          + " each 16 bytes",
                      exponents.file(),
                      Printable.of(exponents.name()),
                      exponents.shape(),
                      codes.shape()));
    }
  }

  private void float8(TensorInfo matrix) {
    TensorInfo scales =
        Optional.ofNullable(stored.get(matrix.name() + "_scale_inv"))
            .orElseGet(() -> stored.get(matrix.name() + "_scale"));
    if (scales == null) {
      problem(
          "%s: tensor %s is of dtype %s, but there is neither %s_scale_inv nor %s_scale; is the"
              + " download complete?",
          matrix.file(), Printable.of(matrix.name()), FLOAT8, lastPart(matrix), lastPart(matrix));
    } else if (requireFloats(scales)) {
      Dress.scaledFloat8(matrix, scales)
          .ifPresentOrElse(
              dress -> replace(matrix, matrix.in(dress), scales),
              () ->
                  problem(
                      "%s: tensor %s has shape %s, expected one scale for the %s of the matrix, for"
                          + " each of its rows, or for each block of 128 x 128",
                      scales.file(), Printable.of(scales.name()), scales.shape(), matrix.shape()));
    }
  }

  private boolean requireFloats(TensorInfo scales) {
    boolean floats = DType.of(scales.dtype()).isPresent();
    if (!floats) {
      problem(
          "%s: tensor %s has dtype %s, expected scales of one of %s",
          scales.file(), Printable.of(scales.name()), scales.dtype(), List.of(DType.values()));
    }
    return floats;
  }

  private void replace(TensorInfo tensor, TensorInfo dressed, TensorInfo part) {
    replaced.put(tensor.name(), dressed);
    parts.add(part.name());
  }

  private static String lastPart(TensorInfo tensor) {
    String name = Printable.of(tensor.name());
    return name.substring(name.lastIndexOf('.') + 1);
  }

  private void problem(String sentence, Object... values) {
    problems.add(sentence.formatted(values));
  }
}
