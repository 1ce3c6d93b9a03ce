package io.tritmill.jobs.hub;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tritmill.jobs.failure.BadInputException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.security.alias.CredentialProvider;
import org.apache.hadoop.security.alias.CredentialProviderFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HubSettingsTest {
  @TempDir Path home;
  private final Configuration configuration = new Configuration(false);

  private HubSettings settings(Map<String, String> environment) {
    return HubSettings.of(configuration, environment::get);
  }

  private static String header(HubSettings settings) {
    return settings.token().map(Token::header).orElse("");
  }

  @Test
  void nothingSetIsThePublicHub() {
    HubSettings settings = settings(Map.of("HF_HOME", home.toString()));
    assertEquals("https://huggingface.co", settings.endpoint().toString());
    assertEquals(home.resolve("hub"), settings.cache());
    assertTrue(settings.token().isEmpty());
    assertFalse(settings.offline());
    Path user = Path.of(System.getProperty("user.home"));
    assertEquals(user.resolve(".cache/huggingface/hub"), settings(Map.of()).cache());
    assertEquals(user.resolve("x/hub"), settings(Map.of("HF_HOME", "~/x")).cache());
    assertEquals(
        home.resolve("huggingface/hub"),
        settings(Map.of("XDG_CACHE_HOME", home.toString())).cache());
  }

  @Test
  void theTokenComesFromTheFirstPlaceThatHasOne() throws IOException {
    Files.writeString(home.resolve("token"), "of-home\n");
    Path named = Files.writeString(home.resolve("named"), " of-path \n");
    Map<String, String> inHome = Map.of("HF_HOME", home.toString());
    Map<String, String> inFile =
        Map.of("HF_HOME", home.toString(), "HF_TOKEN_PATH", named.toString());
    Map<String, String> inVariable =
        Map.of("HF_TOKEN", "of-variable", "HF_TOKEN_PATH", named.toString());
    assertEquals("Bearer of-home", header(settings(inHome)));
    assertEquals("Bearer of-path", header(settings(inFile)));
    assertEquals("Bearer of-variable", header(settings(inVariable)));
    configuration.set("fs.hf.token", "of-setting");
    assertEquals("Bearer of-setting", header(settings(inVariable)));
    assertFalse(settings(inVariable).toString().contains("of-setting"));
  }

  @Test
  void theTokenMayStandInAFileOfCredentials() throws IOException {
    Configuration hadoop = new Configuration();
    hadoop.set(
        CredentialProviderFactory.CREDENTIAL_PROVIDER_PATH,
        "localjceks://file" + home.resolve("hub.jceks"));
    CredentialProvider provider = CredentialProviderFactory.getProviders(hadoop).getFirst();
    provider.createCredentialEntry("fs.hf.token", "of-provider".toCharArray());
    provider.flush();
    Map<String, String> variable = Map.of("HF_TOKEN", "of-variable");
    assertEquals("Bearer of-provider", header(HubSettings.of(hadoop, variable::get)));
  }

  @Test
  void aTokenThatCannotBeSentIsNotRepeated() {
    BadInputException refusal =
        assertThrows(
            BadInputException.class, () -> settings(Map.of("HF_TOKEN", "hf_secret and more")));
    assertTrue(refusal.getMessage().contains("HF_TOKEN"), refusal.getMessage());
    assertFalse(refusal.getMessage().contains("secret"), refusal.getMessage());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"ftp://host", "host", "https://user:secret@host", "https://host?a=b", "http:// x"})
  void anAddressThatIsNoneIsNotRepeated(String endpoint) {
    BadInputException refusal =
        assertThrows(BadInputException.class, () -> settings(Map.of("HF_ENDPOINT", endpoint)));
    assertTrue(refusal.getMessage().contains("HF_ENDPOINT"), refusal.getMessage());
    assertFalse(refusal.getMessage().contains("secret"), refusal.getMessage());
  }

  @Test
  void addressAndOfflineTravelWithTheSettingsTheTokenDoesNot() {
    Map<String, String> driver =
        Map.of("HF_ENDPOINT", "http://mirror/x/", "HF_HUB_OFFLINE", "1", "HF_TOKEN", "secret");
    HubSettings.share(configuration, driver::get);
    HubSettings executor = settings(Map.of("HF_HOME", home.toString()));
    assertEquals("http://mirror/x", executor.endpoint().toString());
    assertTrue(executor.offline());
    assertTrue(executor.token().isEmpty());
    configuration.forEach(setting -> assertFalse(setting.getValue().contains("secret")));
  }

  @Test
  void aTimeThatIsNoneIsUsage() {
    configuration.set("fs.hf.timeout", "soon");
    assertTrue(
        assertThrows(BadInputException.class, () -> settings(Map.of()))
            .getMessage()
            .contains("fs.hf.timeout is soon"));
  }
}
