package io.tritmill.jobs.run;

/** What this build of Tritmill calls itself. */
public final class Release {
  private Release() {}

  /** Name and version, for example {@code tritmill 0.1.0}. */
  public static String name() {
    return "tritmill " + version();
  }

  /** The version in the jar's manifest; {@code development} when run from classes. */
  public static String version() {
    String version = Release.class.getPackage().getImplementationVersion();
    return version == null ? "development" : version;
  }
}
