package io.tritmill.kernels.quantize.round;

import io.tritmill.kernels.code.BlockLevels;
import io.tritmill.kernels.code.Blocks;
import io.tritmill.kernels.quantize.band.BandSweep;
import io.tritmill.kernels.quantize.fit.BlockSearch;
import io.tritmill.kernels.tensor.Matrix;
import io.tritmill.kernels.tensor.SuperBlock;

/** Plain rounding to the levels of blocks. */
final class BlockRounding {
  private BlockRounding() {}

  /** Fits and rounds every block of every row for itself. */
  static Blocks quantize(BlockLevels levels, Matrix band) {
    Blocks blocks = levels.zeros(band.rows(), band.columns());
    BlockSearch search = new BlockSearch(levels);
    for (int row = 0; row < band.rows(); row++) {
      BandSweep.requireFinite(band, row);
      for (int begin = 0; begin < band.columns(); begin += levels.block()) {
        int at = row * band.columns() + begin;
        search.fit(band.values(), at, null, row);
        SuperBlock found = search.found();
        search.code(band.values(), at, found);
        blocks.put(row, begin / levels.block(), found);
      }
    }
    return blocks;
  }
}
