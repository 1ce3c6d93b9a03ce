package io.tritmill.jobs.calibrate;

import io.tritmill.jobs.model.ModelReader;
import io.tritmill.jobs.storage.Storage;
import io.tritmill.kernels.code.PackedMatrix;
import java.util.List;

/**
 * Rows of a compressed table, with one band of it in memory at a time: a table is as large as a
 * block, and who reads its rows in order reads no band twice. Not for several threads.
 */
final class PackedTable implements ModelReader.TableRows {
  private final Storage storage;
  private final SolvedLayer table;
  private PackedMatrix band;
  private int held = -1;

  PackedTable(Storage storage, SolvedLayer table) {
    this.storage = storage;
    this.table = table;
  }

  @Override
  public void read(int firstRow, int count, float[] into) {
    List<SolvedLayer.Band> bands = table.bands();
    int begin = 0;
    for (int i = 0; i < bands.size(); i++) {
      int end = begin + bands.get(i).rows();
      int from = Math.max(firstRow, begin);
      int to = Math.min(firstRow + count, end);
      if (from < to) {
        load(i);
        band.decode(from - begin, to - from, into, (from - firstRow) * table.columns());
      }
      begin = end;
    }
  }

  private void load(int index) {
    if (index != held) {
      band = table.read(storage, table.bands().get(index));
      held = index;
    }
  }
}
