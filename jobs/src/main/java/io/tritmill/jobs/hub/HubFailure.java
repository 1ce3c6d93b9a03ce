package io.tritmill.jobs.hub;

import io.tritmill.jobs.failure.BadInputException;
import io.tritmill.jobs.failure.Printable;
import io.tritmill.jobs.failure.Reason;
import java.io.IOException;
import java.net.ConnectException;
import java.net.UnknownHostException;
import java.nio.channels.UnresolvedAddressException;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.Objects;
import java.util.stream.Stream;

/** What a refusal of the Hub, or its silence, means for the user. */
final class HubFailure {
  private HubFailure() {}

  /**
   * Whether a repository is not there, or hidden from whoever asked: the Hub does not say which.
   */
  static boolean isOfRepository(Reply reply, HubSettings settings) {
    return switch (reply.errorCode()) {
      case "RepoNotFound" -> true;
      case "" -> reply.status() == 404 || reply.status() == 401 && settings.token().isEmpty();
      default -> false;
    };
  }

  /** There is no such repository. */
  static BadInputException noRepository(Repository repository, HubSettings settings) {
    return BadInputException.broken(
        "%s: %s has no such %s, or it is private; check the name, and %s",
        repository.uri(),
        settings.endpoint(),
        repository.kind().words(),
        settings
            .token()
            .map(token -> "that %s may read it".formatted(token))
            .orElse("set HF_TOKEN if it is private"));
  }

  /**
   * Any other refusal.
   *
   * @param path what was asked for
   */
  static BadInputException refused(HubPath path, Reply reply, HubSettings settings) {
    String token = settings.token().map(Token::toString).orElse("HF_TOKEN, which is not set,");
    if (reply.errorCode().equals("GatedRepo")) {
      return BadInputException.broken(
          "%s: is gated; accept its conditions at %s/%s, and see that %s is of the account that did",
          path, settings.endpoint(), path.repository().page(), token);
    }
    if (reply.errorCode().equals("RevisionNotFound")) {
      return BadInputException.broken(
          "%s: has no revision %s, expected a branch, a tag or a whole commit of it; slashes in it"
              + " are written as %%2F",
          path.repository().uri(), Printable.of(path.revision()));
    }
    if (reply.errorCode().equals("EntryNotFound")) {
      return BadInputException.broken("%s: has no such file", path);
    }
    if (isOfRepository(reply, settings)) {
      return noRepository(path.repository(), settings);
    }
    return switch (reply.status()) {
      case 401 ->
          BadInputException.broken(
              "%s: %s does not accept %s (401); make a new one there, or unset it to read what is"
                  + " public",
              path, settings.endpoint(), token);
      case 403 ->
          BadInputException.broken(
              "%s: %s forbids reading it (403%s); see what %s may read",
              path, settings.endpoint(), said(reply), token);
      default ->
          BadInputException.broken(
              "%s: %s answers %d%s, expected 200; is HF_ENDPOINT the address of a Hub?",
              path, settings.endpoint(), reply.status(), said(reply));
    };
  }

  private static String said(Reply reply) {
    return reply.errorMessage().isEmpty() ? "" : ": " + Printable.of(reply.errorMessage());
  }

  /** Whether a second try would fail in the same way. */
  static boolean isLasting(IOException failure) {
    return causes(failure).anyMatch(GeneralSecurityException.class::isInstance);
  }

  /** Nothing came in the end. */
  static BadInputException noAnswer(
      String what, HubSettings settings, IOException failure, int tries, Duration wait) {
    String reason =
        wait.isZero()
            ? words(failure)
            : "%s and asks to wait %d s".formatted(failure.getMessage(), wait.toSeconds());
    String remedy =
        causes(failure).anyMatch(GeneralSecurityException.class::isInstance)
            ? "see to the certificates that this Java trusts"
            : "see to the network and its proxy (https.proxyHost), run the same command again, or"
                + " set HF_HUB_OFFLINE=1 to read what is in "
                + settings.cache();
    return BadInputException.broken(
        "%s: cannot be read from %s, tried %d times (%s); %s",
        what, settings.endpoint(), tries, reason, remedy);
  }

  private static String words(IOException failure) {
    if (causes(failure)
        .anyMatch(
            cause ->
                cause instanceof UnresolvedAddressException
                    || cause instanceof UnknownHostException)) {
      return "no host of this name is known here";
    }
    return causes(failure).anyMatch(ConnectException.class::isInstance)
        ? "no connection is made"
        : Reason.of(failure);
  }

  private static Stream<Throwable> causes(Throwable failure) {
    return Stream.iterate(failure, Objects::nonNull, Throwable::getCause);
  }
}
