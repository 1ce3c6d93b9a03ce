package io.tritmill.jobs.tensor;

import io.tritmill.kernels.tensor.DType;
import io.tritmill.kernels.tensor.Encoding;
import java.io.Serializable;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * Units of one or several stored tensors in another order: a unit is a row, or a part of one, moved
 * whole.
 *
 * <p>Where units are no whole blocks of a quantized type, or the tensors are not of one type, their
 * rows are decoded first.
 *
 * @param sources what is gathered from
 * @param sections which of their units, one section after the other
 * @param unit elements of a unit, a divisor of the rows of all sources and of the result
 * @param skipped units that come before the first one of the result
 */
public record Gathered(List<TensorInfo> sources, List<Section> sections, long unit, long skipped)
    implements Dress {
  private static final long serialVersionUID = 1L;

  /** Keeps them as they are. */
  public Gathered {
    sources = List.copyOf(sources);
    sections = List.copyOf(sections);
  }

  /**
   * A tensor of units in another order.
   *
   * @param shape of the result, of as many units as the sections have
   * @param unit elements of a unit, a divisor of the rows of all sources and of the result
   */
  public static TensorInfo of(
      String name, List<Long> shape, List<TensorInfo> sources, List<Section> sections, long unit) {
    TensorInfo first = sources.getFirst();
    long bytes = sources.stream().mapToLong(TensorInfo::bytes).sum();
    Gathered dress = new Gathered(sources, sections, unit, 0);
    return new TensorInfo(name, first.dtype(), shape, first.file(), first.offset(), bytes, dress);
  }

  /**
   * Runs of units, again and again.
   *
   * @param repeats how often
   */
  public record Section(long repeats, List<Run> runs) implements Serializable {
    private static final long serialVersionUID = 1L;

    /** Keeps them as they are. */
    public Section {
      runs = List.copyOf(runs);
    }

    long unitsOfOne() {
      return runs.stream().mapToLong(Run::units).sum();
    }
  }

  /**
   * Units that follow each other in a source.
   *
   * @param source which one
   * @param first of the units in the first repetition
   * @param units how many
   * @param step from the first one in a repetition to that in the next
   */
  public record Run(int source, long first, long units, long step) implements Serializable {
    private static final long serialVersionUID = 1L;
  }

  /** Whether bytes are moved as they are stored. */
  boolean verbatim() {
    String type = sources.getFirst().dtype();
    return sources.stream().allMatch(source -> source.dtype().equals(type))
        && Encoding.of(type).map(known -> unit % known.blockElements() == 0).orElse(true);
  }

  @Override
  public Optional<Encoding> encoding(String stored) {
    if (verbatim()) {
      return Encoding.of(stored);
    }
    boolean weights = sources.stream().allMatch(source -> Encoding.of(source.dtype()).isPresent());
    return weights ? Optional.of(DType.F32) : Optional.empty();
  }

  @Override
  public DType keptType(String stored) {
    return verbatim() ? Dress.super.keptType(stored) : DType.F32;
  }

  @Override
  public List<TensorInfo> sources() {
    return sources;
  }

  @Override
  public String facts() {
    return sections.stream()
        .map(Section::toString)
        .collect(Collectors.joining("\n", "\n", "\n" + unit + "\n" + skipped));
  }

  /** Of a stack whose matrices are as large as each other. */
  @Override
  public Dress ofMatrix(TensorInfo stack, int index) {
    long matrix = stack.elements() / stack.shape().getFirst() / unit;
    return new Gathered(sources, sections, unit, skipped + index * matrix);
  }

  @Override
  public void read(
      TensorInfo tensor, Source stored, long firstByte, byte[] into, int at, int count) {
    if (count == 0) {
      return;
    }
    int unitBytes = Math.toIntExact(encoding(tensor.dtype()).orElseThrow().bytes(unit));
    long first = firstByte / unitBytes;
    long units = Math.ceilDiv(firstByte + count, unitBytes) - first;
    UnitGatherer gatherer =
        new UnitGatherer(this, stored, unitBytes, skipped + first, Math.toIntExact(units));
    byte[] whole = gatherer.gather();
    System.arraycopy(whole, (int) (firstByte - first * unitBytes), into, at, count);
  }
}
