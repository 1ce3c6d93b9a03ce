package io.tritmill.jobs.calibrate;

import io.tritmill.kernels.model.Architecture;
import io.tritmill.kernels.model.Module;
import io.tritmill.kernels.model.Site;

/** Sites and modules by what people call them. */
final class Sites {
  private Sites() {}

  static Site of(Architecture model, int block, String name) {
    return model.sites().stream()
        .filter(site -> site.block() == block && site.name().equals(name))
        .findFirst()
        .orElseThrow();
  }

  static Module module(Architecture model, int block, String part) {
    return model.modules().stream()
        .filter(one -> one.site().block() == block && one.weight().part().equals(part))
        .findFirst()
        .orElseThrow();
  }
}
