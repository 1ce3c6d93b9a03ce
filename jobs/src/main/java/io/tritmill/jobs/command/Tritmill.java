package io.tritmill.jobs.command;

import io.tritmill.jobs.failure.BadInputException;
import io.tritmill.jobs.failure.ExitCode;
import io.tritmill.jobs.failure.TerminationMessage;
import io.tritmill.jobs.run.Release;
import io.tritmill.jobs.spark.Failures;
import java.io.PrintWriter;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParseResult;

/** The top of the command line: knows the commands, and how failures end. */
@Command(
    name = "tritmill",
    description = "Compresses language models to trit-planes on ordinary CPU clusters.",
    mixinStandardHelpOptions = true,
    versionProvider = Tritmill.Version.class,
    synopsisSubcommandLabel = "COMMAND",
    subcommands = {
      DemoCommand.class,
      PlanCommand.class,
      CompressCommand.class,
      EvaluateCommand.class,
      ResultsCommand.class,
      VerifyCommand.class,
      GateCommand.class,
      InspectCommand.class,
      SynthesizeCommand.class,
      BenchCommand.class
    },
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:done",
      "1:a mistake of ours, with a trace",
      "2:wrong usage",
      "3:recipe or model not supported",
      "4:unsafe or broken input",
      "5:quality gate failed",
      "6:output conflict",
      "7:verification failed",
      "130:interrupted"
    },
    footer = {
      "",
      "Example: tritmill compress --model DIR --recipe ptqtp --output RUN",
      "Help of a command: tritmill COMMAND --help"
    })
public final class Tritmill implements Runnable {
  @CommandLine.Spec private CommandLine.Model.CommandSpec spec;

  @Option(
      names = "--validate-only",
      description =
          "Read the command line and do nothing: for schedulers that check what they will submit.")
  private boolean validateOnly;

  private Tritmill() {}

  /** Runs the command that the arguments name and returns the process's exit status. */
  public static int run(String... arguments) {
    Tritmill top = new Tritmill();
    return new CommandLine(top)
        .setCaseInsensitiveEnumValuesAllowed(true)
        .setExecutionStrategy(parsed -> top.execute(parsed))
        .setExecutionExceptionHandler(Tritmill::report)
        .execute(arguments);
  }

  private int execute(ParseResult parsed) {
    // A command must be named all the same, and asking for help is answered.
    if (validateOnly && parsed.hasSubcommand()) {
      CommandLine.printHelpIfRequested(parsed);
      return ok();
    }
    return new CommandLine.RunLast().execute(parsed);
  }

  @Override
  public void run() {
    throw new CommandLine.ParameterException(spec.commandLine(), "Name a command");
  }

  /** What the user gave is told in a sentence; our own mistakes keep their trace. */
  private static int report(Exception failure, CommandLine line, ParseResult parsed)
      throws Exception {
    PrintWriter err = line.getErr();
    if (shuttingDown()) {
      // Whatever failed did so because this process was told to end, by a signal.
      err.println("tritmill: interrupted; the same command goes on from what is finished");
      err.flush();
      return ExitCode.INTERRUPTED.code();
    }
    BadInputException badInput =
        failure instanceof BadInputException known ? known : Failures.ofStorage(failure);
    if (badInput == null) {
      TerminationMessage.leave("tritmill: " + failure);
      throw failure;
    }
    String sentence = "tritmill: " + badInput.getMessage();
    err.println(sentence);
    err.flush();
    TerminationMessage.leave(sentence);
    return badInput.exitCode().code();
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

  /** Name and version for {@code --version}. */
  static final class Version implements IVersionProvider {
    @Override
    public String[] getVersion() {
      return new String[] {
        Release.name(), "java " + System.getProperty("java.version"), "${os.name} ${os.arch}"
      };
    }
  }

  /** The exit status of a command that ended well. */
  static int ok() {
    return ExitCode.OK.code();
  }
}
