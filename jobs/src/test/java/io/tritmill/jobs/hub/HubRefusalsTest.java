package io.tritmill.jobs.hub;

import static io.tritmill.jobs.hub.HubFixture.path;
import static io.tritmill.jobs.hub.HubFixture.refusal;
import static io.tritmill.jobs.hub.Trouble.status;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.URI;
import java.util.Collections;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a user reads where the Hub refuses, or is none. */
@Tag("slow")
class HubRefusalsTest {
  private static final String FILE = "hf://org/demo/model.safetensors";

  private final HubFixture hub = new HubFixture();

  @AfterEach
  void stop() {
    hub.close();
  }

  @Test
  void redirectionsWithoutEndAndToNowhere() throws IOException {
    Trouble round = status(302, "Location", "/again");
    hub.server.troubleHub(Collections.nCopies(100, round).toArray(Trouble[]::new));
    assertTrue(refusal(hub.fileSystem(), FILE).contains("led on more than 8 times"));
    hub.server.forget();
    Trouble nowhere = status(302, "Location", "file:///etc/passwd");
    hub.server.troubleHub(Collections.nCopies(100, nowhere).toArray(Trouble[]::new));
    assertTrue(refusal(hub.fileSystem(), FILE).contains("led to something that is no address"));
  }

  /** A renamed repository: the Hub leads to itself, and wants the token again. */
  @Test
  void theTokenFollowsTheHubToItself() throws IOException {
    hub.server.repo("models/org/demo").token = "hf_secret";
    hub.server.troubleHub(
        status(307, "Location", "/api/models/org/demo/revision/main"),
        Trouble.none(),
        status(307, "Location", "/api/models/org/demo/tree/" + HubFixture.FIRST + "?x=y"));
    HubFileSystem files = hub.fileSystem("hf://org", Map.of("HF_TOKEN", "hf_secret"));
    assertTrue(files.exists(path("hf://org/old@main")));
    assertEquals("Bearer hf_secret", hub.server.seen().get(1).authorization());
  }

  @Test
  void whatTheHubRefusesIsSaidByWhatIsMissing() throws IOException {
    HubFileSystem anonymous = hub.fileSystem();
    HubFileSystem known = hub.fileSystem("hf://org", Map.of("HF_TOKEN", "hf_secret"));
    String missing = refusal(anonymous, "hf://org/none/x");
    assertTrue(missing.contains("hf://org/none: "), missing);
    assertTrue(missing.contains("has no such model, or it is private"), missing);
    assertTrue(missing.contains("set HF_TOKEN if it is private"), missing);
    assertTrue(
        refusal(known, "hf://org/none/x").contains("that the token of HF_TOKEN may read it"));
    String revision = refusal(anonymous, "hf://org/demo@v9/x");
    assertTrue(revision.contains("hf://org/demo: has no revision v9"), revision);
    assertTrue(
        refusal(anonymous, "hf://org/demo@" + "9".repeat(40)).contains("has no revision 9999"));

    hub.server.repo("models/org/demo").gated = true;
    String gated = refusal(hub.fileSystem(), FILE);
    assertTrue(gated.contains("is gated; accept its conditions at " + hub.server.address()), gated);
    assertTrue(gated.contains("HF_TOKEN, which is not set,"), gated);
    assertTrue(refusal(known, FILE).contains("see that the token of HF_TOKEN is of the account"));
  }

  @ParameterizedTest
  @CsvSource({
    "401, does not accept the token of HF_TOKEN (401)",
    "403, forbids reading it (403: no entry)",
    "400, 'answers 400: no entry, expected 200; is HF_ENDPOINT'"
  })
  void otherRefusalsAreSaidInTheHubsWords(int status, String expected) throws IOException {
    hub.server.troubleHub(status(status, "X-Error-Message", "no entry"));
    String sentence = refusal(hub.fileSystem("hf://org", Map.of("HF_TOKEN", "hf_secret")), FILE);
    assertTrue(sentence.contains(expected), sentence);
  }

  @ParameterizedTest
  @CsvSource({
    "{, is not understood",
    "[], is not understood",
    "{\"sha\": \"x\"}, is not understood (it names no commit)"
  })
  void whatIsNoHubIsSaid(String body, String expected) throws IOException {
    hub.server.troubleHub(Trouble.json(body));
    assertTrue(refusal(hub.fileSystem(), FILE).contains(expected));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{}",
        "[1]",
        "[{\"type\": \"file\", \"path\": \"a\"}]",
        "[{\"type\": \"file\", \"path\": \"../a\", \"size\": 1}]",
        "[{\"type\": \"file\", \"path\": \"/a\", \"size\": 1}]",
        "[{\"type\": \"file\", \"path\": \"a//b\", \"size\": 1}]",
        "[{\"type\": \"file\", \"path\": \"a\", \"size\": -1}]",
        "[{\"type\": \"file\", \"path\": \"a\", \"size\": 99999999999999999999}]",
        "[{\"type\": \"file\", \"path\": \"a\\u0000\", \"size\": 1}]"
      })
  void aListThatCannotBeIsRefused(String body) throws IOException {
    hub.server.troubleHub(Trouble.none(), Trouble.json(body));
    assertTrue(refusal(hub.fileSystem(), FILE).contains("is not understood"));
  }

  @Test
  void noNetworkIsSaidSoon() throws IOException {
    int tries = 3;
    for (String endpoint : new String[] {"http://127.0.0.1:1", "http://no.such.invalid"}) {
      Configuration configuration = new Configuration();
      configuration.set("fs.hf.endpoint", endpoint);
      configuration.set("fs.hf.retry.interval", "4");
      HubFileSystem files = new HubFileSystem(Map.of("HF_HOME", "target/no such home")::get);
      files.initialize(URI.create("hf://org"), configuration);
      String sentence = refusal(files, FILE);
      assertTrue(
          sentence.contains("cannot be read from %s, tried %d times".formatted(endpoint, tries)),
          sentence);
      assertTrue(sentence.contains("set HF_HUB_OFFLINE=1"), sentence);
      assertTrue(
          sentence.contains(
              endpoint.contains("invalid")
                  ? "no host of this name is known here"
                  : "no connection is made"),
          sentence);
    }
  }
}
