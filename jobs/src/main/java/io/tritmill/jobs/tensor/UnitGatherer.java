package io.tritmill.jobs.tensor;

import io.tritmill.kernels.tensor.DType;
import io.tritmill.kernels.tensor.Encoding;

/** Gathers some units of a tensor that is {@link Gathered}. */
final class UnitGatherer {
  /** Bytes that are read at once where what is wanted lies apart. */
  private static final long WINDOW_BYTES = 1 << 20;

  private final Gathered from;
  private final Dress.Source stored;
  private final int unitBytes;
  private final long first;
  private final int count;
  private final byte[] found;

  private int windowSource = -1;
  private long windowFirst;
  private byte[] window = new byte[0];

  /**
   * @param unitBytes bytes of a unit of the result
   * @param first unit of all sections that is wanted
   * @param count how many
   */
  UnitGatherer(Gathered from, Dress.Source stored, int unitBytes, long first, int count) {
    this.from = from;
    this.stored = stored;
    this.unitBytes = unitBytes;
    this.first = first;
    this.count = count;
    found = new byte[Math.multiplyExact(count, unitBytes)];
  }

  byte[] gather() {
    long begin = 0;
    for (Gathered.Section section : from.sections()) {
      long one = section.unitsOfOne();
      long end = begin + section.repeats() * one;
      if (Math.max(begin, first) < Math.min(end, first + count)) {
        long repeat = Math.max(0, first - begin) / one;
        long last = (Math.min(end, first + count) - 1 - begin) / one;
        if (section.runs().stream().allMatch(run -> run.step() == run.units())) {
          together(section, begin, repeat, last);
        } else {
          apart(section, begin, repeat, last);
        }
      }
      begin = end;
    }
    return found;
  }

  /** Of each run what all repetitions take of it lies in one piece. */
  private void together(Gathered.Section section, long begin, long repeat, long last) {
    long period = section.unitsOfOne();
    long own = begin;
    for (Gathered.Run run : section.runs()) {
      long size = run.units();
      long low = repeat * size + Math.clamp(first - own - repeat * period, 0, size);
      long high = last * size + Math.clamp(first + count - own - last * period, 0, size);
      if (low < high) {
        byte[] bytes = units(run.source(), run.first() + low, high - low);
        for (long at = low; at < high; ) {
          long next = Math.min(high, (at / size + 1) * size);
          place(bytes, at - low, own + at / size * period + at % size, next - at);
          at = next;
        }
      }
      own += size;
    }
  }

  /** Repetition by repetition, so that neighbours are read at once. */
  private void apart(Gathered.Section section, long begin, long repeat, long last) {
    for (long r = repeat; r <= last; r++) {
      long own = begin + r * section.unitsOfOne();
      for (Gathered.Run run : section.runs()) {
        long low = Math.clamp(first - own, 0, run.units());
        long high = Math.clamp(first + count - own, 0, run.units());
        if (low < high) {
          long source = run.first() + r * run.step() + low;
          look(run.source(), source, high - low);
          place(window, source - windowFirst, own + low, high - low);
        }
        own += run.units();
      }
    }
  }

  private void place(byte[] bytes, long at, long unit, long units) {
    System.arraycopy(
        bytes,
        (int) (at * unitBytes),
        found,
        (int) ((unit - first) * unitBytes),
        (int) (units * unitBytes));
  }

  /** Makes the window one in which units of a source lie. */
  private void look(int source, long unit, long units) {
    long held = window.length / unitBytes;
    if (source == windowSource && unit >= windowFirst && unit + units <= windowFirst + held) {
      return;
    }
    TensorInfo tensor = from.sources().get(source);
    long perRow = Math.max(1, tensor.columns() / from.unit());
    long begin = unit / perRow * perRow;
    long most = Math.max(perRow, WINDOW_BYTES / unitBytes / perRow * perRow);
    long end = Math.min(tensor.elements() / from.unit(), Math.max(begin + most, unit + units));
    window = units(source, begin, end - begin);
    windowSource = source;
    windowFirst = begin;
  }

  /** Units of a source, as the result has them. */
  private byte[] units(int index, long unit, long units) {
    TensorInfo source = from.sources().get(index);
    int bytes = Math.toIntExact(Math.multiplyExact(units, (long) unitBytes));
    byte[] read = new byte[bytes];
    if (from.verbatim()) {
      stored.read(source, unit * unitBytes, read, 0, bytes);
      return read;
    }
    Encoding type = Encoding.of(source.dtype()).orElseThrow();
    long perRow = source.columns() / from.unit();
    long row = unit / perRow;
    int rows = Math.toIntExact(Math.ceilDiv(unit + units, perRow) - row);
    byte[] encoded = new byte[Math.toIntExact(rows * type.bytes(source.columns()))];
    stored.read(source, row * type.bytes(source.columns()), encoded, 0, encoded.length);
    float[] values = new float[Math.toIntExact(rows * source.columns())];
    type.decode(encoded, 0, values, 0, values.length);
    int skip = Math.toIntExact((unit - row * perRow) * from.unit());
    DType.F32.encode(values, skip, read, 0, Math.toIntExact(units * from.unit()));
    return read;
  }
}
