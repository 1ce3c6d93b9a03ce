package io.tritmill.jobs;

import org.apache.spark.SparkUserAppException;

/**
 * The command line as the launcher starts it: {@link Main}, with the module of vector operations.
 *
 * <p>The JVM prints a warning before everything else when it is asked for an incubator module as it
 * starts ({@code --add-modules}), and has no option against it. So it is loaded here, in the way of
 * the JVM's own tools, which load modules into it later on: by {@code jdk.internal.module.Modules},
 * exported to us by {@code lib/local.options}. Code is compiled to the same instructions.
 */
public final class LocalMain {
  private LocalMain() {}

  /** Runs one command and ends the process with its exit code. */
  public static void main(String[] arguments)
      throws ReflectiveOperationException, SparkUserAppException {
    Class.forName("jdk.internal.module.Modules")
        .getMethod("loadModule", String.class)
        .invoke(null, "jdk.incubator.vector");
    Main.main(arguments);
  }
}
