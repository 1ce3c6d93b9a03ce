package io.tritmill.jobs.command;

import io.tritmill.jobs.failure.BadInputException;
import io.tritmill.jobs.failure.ExitCode;
import io.tritmill.jobs.failure.LastLine;
import io.tritmill.jobs.spark.Failures;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import picocli.CommandLine;
import picocli.CommandLine.ExecutionException;
import picocli.CommandLine.MissingParameterException;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

/** How a command ends that does not end well: its exit code, and the last line on stderr. */
final class Ending {
  private Ending() {}

  /** After anything that was thrown: only our own mistakes keep their trace. */
  static int of(Throwable thrown) {
    Throwable failure = thrown;
    while (failure instanceof ExecutionException && failure.getCause() != null) {
      failure = failure.getCause();
    }
    if (shuttingDown()) {
      // Whatever failed did so because this process was told to end, by a signal.
      LastLine.writeInterrupted();
      return ExitCode.INTERRUPTED.code();
    }
    Optional<BadInputException> known =
        failure instanceof ParameterException usage
            ? Optional.of(usage(usage))
            : Failures.sentence(failure);
    if (known.isPresent()) {
      LastLine.write(known.get().getMessage());
      return known.get().exitCode().code();
    }
    failure.printStackTrace();
    LastLine.write(
        "a mistake of ours, %s%s; report it with the lines above, the command and what tritmill --version says"
            .formatted(failure.getClass().getSimpleName(), place(failure)));
    return ExitCode.BUG.code();
  }

  /** After results that nobody can read. */
  static int unread() {
    LastLine.write(
        "stdout: the result cannot be written there; is its disk full, or was the reader closed?"
            + " The same command prints it again");
    return ExitCode.CONFLICT.code();
  }

  /** What is wrong with the words of a command, the unknown ones first. */
  private static BadInputException usage(ParameterException failure) {
    CommandLine line = failure.getCommandLine();
    ParameterException first = failure;
    if (failure instanceof MissingParameterException) {
      List<String> unknown =
          line.getUnmatchedArguments().stream().filter(word -> word.startsWith("-")).toList();
      if (!unknown.isEmpty()) {
        first = new UnmatchedArgumentException(line, unknown.subList(0, 1));
      }
    }
    String command = line.getCommandSpec().qualifiedName();
    String message = String.valueOf(first.getMessage()).strip();
    if (first instanceof UnmatchedArgumentException unmatched
        && !unmatched.getSuggestions().isEmpty()) {
      String meant =
          unmatched.getSuggestions().stream()
              .map(word -> word.startsWith("-") ? word : command + " " + word)
              .collect(Collectors.joining(" or "));
      message += ". Did you mean: " + meant + "?";
    }
    String end = message.endsWith("?") || message.endsWith(".") ? " See " : "; see ";
    return new BadInputException(ExitCode.USAGE, message + end + command + " --help", failure);
  }

  private static String place(Throwable failure) {
    return Stream.of(failure.getStackTrace())
        .filter(step -> step.getClassName().startsWith("io.tritmill"))
        .findFirst()
        .map(step -> " in " + step.getFileName() + ":" + step.getLineNumber())
        .orElse("");
  }

  private static boolean shuttingDown() {
    try {
      Thread hook = new Thread(() -> {});
      Runtime.getRuntime().addShutdownHook(hook);
      Runtime.getRuntime().removeShutdownHook(hook);
      return false;
    } catch (IllegalStateException begun) {
      return true;
    }
  }
}
