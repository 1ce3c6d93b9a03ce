package io.tritmill.jobs.tensor;

import io.tritmill.jobs.failure.BadInputException;
import io.tritmill.kernels.tensor.DType;
import io.tritmill.kernels.tensor.Encoding;
import io.tritmill.kernels.tensor.WeightRows;
import java.io.Serializable;
import java.util.List;
import java.util.Optional;

/**
 * How the stored bytes of a tensor become rows of a matrix, one after the other in their order.
 *
 * <p>A dress is part of {@link TensorInfo}; who reads rows through {@link TensorReader} need not
 * know which it is.
 */
public sealed interface Dress extends Serializable
    permits Plain, InterleavedHeads, StackedMatrix, Gathered, Given, ByRows {
  /** Reads stored bytes of a tensor. */
  @FunctionalInterface
  interface Source {
    /**
     * Reads {@code count} bytes from the tensor's stored byte {@code firstByte} on into {@code
     * into[at]}.
     */
    void read(TensorInfo tensor, long firstByte, byte[] into, int at, int count);
  }

  /** Rows that lie in order, as they are read. */
  static Dress plain() {
    return Plain.IN_ORDER;
  }

  /**
   * Rows of heads that lie interleaved, as ggml's Llama has them.
   *
   * @param heads how many there are; with 0 rows lie in order
   */
  static Dress interleaved(int heads) {
    return heads == 0 ? plain() : new InterleavedHeads(heads);
  }

  /**
   * A matrix of 8-bit floats (E4M3) with scales: one of the whole, one of each row, or one of each
   * block of 128 rows and columns; empty where the shape of the scales is none of these.
   *
   * @param scales a tensor of single or half precision
   */
  static Optional<Dress> scaledFloat8(TensorInfo matrix, TensorInfo scales) {
    return ScaledFloat8.of(matrix, scales);
  }

  /**
   * A stacked tensor of 4-bit floats whose codes and exponents are two tensors; empty where their
   * shapes do not agree.
   *
   * @param codes (matrices, rows, blocks, 16) bytes, none of the sizes 0
   * @param exponents bytes
   */
  static Optional<TensorInfo> microscaledFloat4(
      String name, TensorInfo codes, TensorInfo exponents) {
    return MicroscaledFloat4.of(name, codes, exponents);
  }

  /**
   * A matrix of trits, four rows to a byte, with one scale.
   *
   * @param packed bytes, neither of the two sizes 0
   * @param scale one number of single or half precision
   * @param divides whether trits are divided by the scale, where others are multiplied
   */
  static TensorInfo packedTrits(TensorInfo packed, TensorInfo scale, boolean divides) {
    return PackedTrits.of(packed, scale, divides);
  }

  /**
   * A matrix of integers around zero, packed along its rows; empty where the shape of the scales
   * does not fit the words.
   *
   * @param packed 32-bit words, neither of the two sizes 0
   * @param scales of each group of columns, of a type of weights
   * @param shape rows and columns as two numbers, if that is there
   * @param bits 2, 4 or 8
   */
  static Optional<TensorInfo> packedIntegers(
      String name, TensorInfo packed, TensorInfo scales, Optional<TensorInfo> shape, int bits) {
    return PackedIntegers.of(name, packed, scales, shape, bits);
  }

  /**
   * A matrix of integers that is packed inputs by outputs, as GPTQ has it; empty where the shapes
   * do not agree.
   *
   * @param words 32-bit words of codes, neither of the two sizes 0
   * @param scales of each group of inputs, of a type of weights
   * @param zeros 32-bit words of zero points
   * @param groups 32-bit integers, the group of each input, if that is there
   * @param bits 2, 4 or 8
   * @param added what zero points are less than they mean
   */
  static Optional<TensorInfo> gptq(
      String name,
      TensorInfo words,
      TensorInfo scales,
      TensorInfo zeros,
      Optional<TensorInfo> groups,
      int bits,
      int added) {
    return GptqIntegers.of(name, words, scales, zeros, groups, bits, added);
  }

  /**
   * A matrix of integers of 4 bits that is packed inputs by outputs, eight outputs in a word, as
   * AutoAWQ has it; empty where the shapes do not agree.
   *
   * @param words 32-bit words of codes, neither of the two sizes 0
   * @param scales of each group of inputs, of a type of weights
   * @param zeros 32-bit words of zero points
   */
  static Optional<TensorInfo> awq(
      String name, TensorInfo words, TensorInfo scales, TensorInfo zeros) {
    return AwqIntegers.of(name, words, scales, zeros);
  }

  /** Values that are stored as a function of the family's. */
  static Dress changed(Dress inner, Change change) {
    return new Changed(inner, change);
  }

  /** A tensor whose numbers do not lie in a file by themselves, but are given. */
  static TensorInfo given(String name, List<Long> shape, String file, List<Float> values) {
    return new TensorInfo(name, DType.F32.name(), shape, file, 0, 0, new Given(values));
  }

  /**
   * The matrix that makes keys and values of a latent.
   *
   * @param keys (heads, latent, rows of a head's keys)
   * @param values (heads, rows of a head's values, latent)
   */
  static TensorInfo jointKeyValues(String name, TensorInfo keys, TensorInfo values) {
    JointKeyValues dress = new JointKeyValues(keys, values);
    long rows = keys.shape().get(0) * (keys.shape().get(2) + values.shape().get(1));
    return new TensorInfo(
        name,
        keys.dtype(),
        List.of(rows, keys.shape().get(1)),
        keys.file(),
        keys.offset(),
        keys.bytes() + values.bytes(),
        dress);
  }

  /** A matrix whose weights become trits times their mean magnitude as they are read. */
  static Dress ternarized() {
    return Ternarized.BY_MEAN;
  }

  /** The dress of one matrix of a stacked tensor that wears this one. */
  default Dress ofMatrix(TensorInfo stack, int index) {
    return this;
  }

  /** The type of weights in a file of ours that keeps rows of them: half precision for blocks. */
  default DType keptType(String stored) {
    return DType.of(stored).orElse(DType.F16);
  }

  /**
   * How the weights of rows lie in the bytes that are read; empty where these hold no weights.
   *
   * @param stored type of what is stored
   */
  default Optional<Encoding> encoding(String stored) {
    return Encoding.of(stored);
  }

  /** Another tensor without which the stored bytes mean nothing, such as their scales. */
  default Optional<TensorInfo> companion() {
    return Optional.empty();
  }

  /** Whatever other stored tensors are read: a band depends on where they lie too. */
  default List<TensorInfo> sources() {
    return companion().stream().toList();
  }

  /**
   * The tensors of a safetensors file that hold its very bytes, each to be copied as it is; empty
   * where there are none, so that a file of ours that keeps it has its rows.
   */
  default List<TensorInfo> parts(TensorInfo tensor) {
    return List.of();
  }

  /**
   * A whole matrix in less memory than its rows take as they are read; empty where there is no such
   * form of it.
   *
   * @throws BadInputException if stored bytes mean nothing
   */
  default Optional<WeightRows> held(TensorInfo tensor, Source stored) {
    return Optional.empty();
  }

  /**
   * Requires what rows do not show: that scales are finite, and that whatever else lies beside the
   * stored bytes agrees with them.
   *
   * @throws BadInputException if it does not
   */
  default void requireSound(TensorInfo tensor, Source stored) {}

  /** Bytes of the matrix in memory: as {@link #held} has it, or its rows as they are read. */
  default long heldBytes(TensorInfo tensor) {
    return tensor.readBytes();
  }

  /** Bytes that the tensor has in a file of ours that keeps it. */
  default long keptBytes(TensorInfo tensor) {
    List<TensorInfo> parts = parts(tensor);
    return parts.isEmpty()
        ? tensor.keptType().bytes(tensor.elements())
        : parts.stream().mapToLong(TensorInfo::bytes).sum();
  }

  /** What a kept or packed band depends on besides the bytes at the tensor's place. */
  default String facts() {
    return "";
  }

  /** Whether every weight is one number, its negative, or zero. */
  default boolean ternary() {
    return false;
  }

  /** Whether some rows cost as much to read as all. */
  default boolean wholeAtOnce() {
    return false;
  }

  /**
   * Reads {@code count} bytes of the rows in order, from their byte {@code firstByte} on, into
   * {@code into[at]}; they may begin and end inside a row.
   */
  void read(TensorInfo tensor, Source stored, long firstByte, byte[] into, int at, int count);
}
