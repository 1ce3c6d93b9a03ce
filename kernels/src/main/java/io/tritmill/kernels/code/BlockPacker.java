package io.tritmill.kernels.code;

/** Joins blocks of some rows at a time. */
final class BlockPacker implements Packer {
  private final Blocks all;
  private int done;

  BlockPacker(Blocks all) {
    this.all = all;
  }

  @Override
  public void add(Coded next) {
    boolean fits =
        next.levels() == all.levels()
            && next.columns() == all.columns()
            && next.rows() <= all.rows() - done;
    if (!fits) {
      throw new IllegalArgumentException(
          "Found %d x %d codes on %s after %d of %d x %d rows on %s"
              .formatted(
                  next.rows(),
                  next.columns(),
                  next.levels(),
                  done,
                  all.rows(),
                  all.columns(),
                  all.levels()));
    }
    byte[] bytes = ((Blocks) next).bytes();
    int at = done * all.levels().rowBytes(all.columns());
    System.arraycopy(bytes, 0, all.bytes(), at, bytes.length);
    done += next.rows();
  }

  @Override
  public Blocks build() {
    if (done != all.rows()) {
      throw new IllegalStateException("Found %d of %d rows".formatted(done, all.rows()));
    }
    // Looks at the scales again, now that there are some.
    return new Blocks(all.rows(), all.columns(), all.levels(), all.bytes());
  }
}
