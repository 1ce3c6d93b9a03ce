package io.tritmill.jobs.command;

import io.tritmill.jobs.failure.ExitCode;
import io.tritmill.jobs.run.Release;
import io.tritmill.jobs.spark.LoginUser;
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
      GenerateCommand.class,
      ExportCommand.class,
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
      "127:no Java 25 was found, by the launcher",
      "129:hung up (SIGHUP)",
      "130:interrupted",
      "137:killed, as a rule for memory",
      "143:told to end (SIGTERM)"
    },
    footer = {
      "",
      "The last line on stderr is the reason of every code but 0. After 129, 130, 137 and 143 the",
      "same command goes on from what is finished.",
      "",
      "Environment of the launcher:",
      "  TRITMILL_MEMORY     heap of the JVM, such as 8g (default: 2g, at least 480m)",
      "  TRITMILL_JAVA_OPTS  further options of the JVM, such as -Dspark.master=local[4]",
      "  TRITMILL_CLASSPATH  further jars, DIR/* for a folder: file systems that are not in lib/",
      "  TMPDIR              folder of temporary files (default: /tmp)",
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
    try {
      LoginUser.ensure();
      Tritmill top = new Tritmill();
      CommandLine line =
          new CommandLine(top)
              .setCaseInsensitiveEnumValuesAllowed(true)
              .setExpandAtFiles(false)
              .setExecutionStrategy(parsed -> top.execute(parsed))
              .setParameterExceptionHandler((failure, words) -> Ending.of(failure))
              .setExecutionExceptionHandler((failure, command, parsed) -> Ending.of(failure));
      int code = line.execute(arguments);
      line.getOut().flush();
      return code == ExitCode.OK.code() && System.out.checkError() ? Ending.unread() : code;
    } catch (Throwable failure) {
      return Ending.of(failure);
    }
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
