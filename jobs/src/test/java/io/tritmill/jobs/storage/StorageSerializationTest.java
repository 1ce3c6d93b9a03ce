package io.tritmill.jobs.storage;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.junit.jupiter.api.Test;

class StorageSerializationTest {
  @Test
  void executorsSeeEverySettingOfTheDriver() throws Exception {
    Configuration configuration = new Configuration();
    configuration.setBoolean("fs.file.impl.disable.cache", true);
    configuration.set("fs.s3a.endpoint", "https://store.example");
    configuration.set("tritmill.test.root", "/data");
    configuration.set("tritmill.test.path", "${tritmill.test.root}/models");
    Storage storage = new Storage(configuration);
    // Opening a file system for the first time brings defaults of others in.
    settings(storage);
    Configuration received = settings(sent(storage));

    for (Map.Entry<String, String> setting : configuration) {
      // An old name is kept under its new one.
      if (!Configuration.isDeprecated(setting.getKey())) {
        assertEquals(setting.getValue(), received.getRaw(setting.getKey()), setting.getKey());
      }
    }
    assertEquals("/data/models", received.get("tritmill.test.path"));
  }

  private static Storage sent(Storage storage) throws IOException, ClassNotFoundException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ObjectOutputStream out = new ObjectOutputStream(bytes)) {
      out.writeObject(storage);
    }
    try (ObjectInputStream in =
        new ObjectInputStream(new ByteArrayInputStream(bytes.toByteArray()))) {
      return (Storage) in.readObject();
    }
  }

  private static Configuration settings(Storage storage) {
    return storage.fileSystem(new Path("file:///")).getConf();
  }
}
