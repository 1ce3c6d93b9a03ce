package io.tritmill.jobs.hub;

import io.tritmill.jobs.failure.BadInputException;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.apache.hadoop.conf.Configuration;

/**
 * How the Hub is reached: settings of Hadoop, else the variables of the Hub's own client.
 *
 * @param endpoint its address, without a slash at the end
 * @param offline whether only the cache may be read
 * @param cache folder of the cache of the Hub's own client
 * @param timeout how long nothing may come before a try has failed
 * @param pause before the second try; twice as long before each further one
 */
record HubSettings(
    URI endpoint,
    Optional<Token> token,
    boolean offline,
    Path cache,
    Duration timeout,
    Duration pause) {
  private static final String ENDPOINT = "fs.hf.endpoint";
  private static final String OFFLINE = "fs.hf.offline";
  private static final String TOKEN = "fs.hf.token";
  private static final String TIMEOUT = "fs.hf.timeout";
  private static final String PAUSE = "fs.hf.retry.interval";
  private static final Set<String> TRUE = Set.of("1", "on", "yes", "true");

  /**
   * Reads them.
   *
   * @param environment the variables of this process
   * @throws BadInputException if one of them has no meaning
   */
  static HubSettings of(Configuration configuration, UnaryOperator<String> environment) {
    Path home =
        folder(environment, "HF_HOME")
            .or(() -> folder(environment, "XDG_CACHE_HOME").map(it -> it.resolve("huggingface")))
            .orElseGet(() -> Path.of(userHome(), ".cache", "huggingface"));
    return new HubSettings(
        endpoint(text(configuration.get(ENDPOINT), environment.apply("HF_ENDPOINT"))),
        token(configuration, environment, home),
        TRUE.contains(
            text(configuration.get(OFFLINE), environment.apply("HF_HUB_OFFLINE"))
                .toLowerCase(Locale.ROOT)),
        folder(environment, "HF_HUB_CACHE").orElseGet(() -> home.resolve("hub")),
        Duration.ofSeconds(positive(configuration, TIMEOUT, 30)),
        Duration.ofMillis(positive(configuration, PAUSE, 500)));
  }

  /**
   * Puts the variables that executors are to share with the driver among the settings, which travel
   * with the work. The token is none of them: settings are shown to people.
   */
  static void share(Configuration configuration, UnaryOperator<String> environment) {
    share(configuration, ENDPOINT, environment.apply("HF_ENDPOINT"));
    share(configuration, OFFLINE, environment.apply("HF_HUB_OFFLINE"));
  }

  private static void share(Configuration configuration, String setting, String value) {
    if (value != null && !value.isBlank()) {
      configuration.setIfUnset(setting, value);
    }
  }

  private static Optional<Token> token(
      Configuration configuration, UnaryOperator<String> environment, Path home) {
    return setting(configuration)
        .or(() -> Token.of(text(environment.apply("HF_TOKEN")), "HF_TOKEN"))
        .or(
            () ->
                Token.in(
                    folder(environment, "HF_TOKEN_PATH").orElseGet(() -> home.resolve("token"))));
  }

  /** From a provider of credentials too, where one is set. */
  private static Optional<Token> setting(Configuration configuration) {
    try {
      char[] password = configuration.getPassword(TOKEN);
      return password == null ? Optional.empty() : Token.of(new String(password), TOKEN);
    } catch (IOException e) {
      throw BadInputException.broken(
          "%s: its provider of credentials cannot be read; see to"
              + " hadoop.security.credential.provider.path",
          TOKEN);
    }
  }

  /** The value is not printed: people put passwords into addresses. */
  private static URI endpoint(String text) {
    if (text.isEmpty()) {
      return URI.create("https://huggingface.co");
    }
    try {
      URI uri = URI.create(text.replaceAll("/+$", ""));
      if (Set.of("http", "https").contains(String.valueOf(uri.getScheme()))
          && uri.getHost() != null
          && uri.getRawUserInfo() == null
          && uri.getRawQuery() == null
          && uri.getRawFragment() == null) {
        return uri;
      }
    } catch (IllegalArgumentException e) {
      // What is no URI gets the sentence of one that does not suit.
    }
    throw BadInputException.usage(
        "HF_ENDPOINT (or %s) is no address of a Hub; expected one like https://huggingface.co,"
            + " without a user and password",
        ENDPOINT);
  }

  private static long positive(Configuration configuration, String setting, long usual) {
    String text = configuration.getTrimmed(setting, Long.toString(usual));
    if (!text.matches("[1-9]\\d{0,8}")) {
      throw BadInputException.usage("%s is %s, expected a whole number above 0", setting, text);
    }
    return Long.parseLong(text);
  }

  private static Optional<Path> folder(UnaryOperator<String> environment, String variable) {
    String text = text(environment.apply(variable));
    if (text.isEmpty()) {
      return Optional.empty();
    }
    return Optional.of(
        text.equals("~") || text.startsWith("~/")
            ? Path.of(userHome() + text.substring(1))
            : Path.of(text));
  }

  private static String userHome() {
    return System.getProperty("user.home");
  }

  /** The first that says something, without the space around it; else empty. */
  private static String text(String... texts) {
    for (String text : texts) {
      if (text != null && !text.isBlank()) {
        return text.strip();
      }
    }
    return "";
  }
}
