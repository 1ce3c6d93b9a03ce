package io.tritmill.jobs.spark;

import java.util.Optional;
import org.apache.hadoop.security.UserGroupInformation;

/**
 * The name of whoever runs this process, for file systems: Hadoop asks the system for it, and fails
 * where a container runs with a number that no user has.
 */
public final class LoginUser {
  private LoginUser() {}

  /** Gives this process a name unless it has one; to be called before Hadoop is used. */
  public static void ensure() {
    String known = System.getProperty("user.name", "?");
    if (!known.isBlank() && !known.equals("?")) {
      return;
    }
    String name =
        Optional.ofNullable(System.getenv("HADOOP_USER_NAME"))
            .or(() -> Optional.ofNullable(System.getenv("SPARK_USER")))
            .filter(given -> !given.isBlank())
            .orElse("tritmill");
    System.setProperty("user.name", name);
    UserGroupInformation.setLoginUser(UserGroupInformation.createRemoteUser(name));
  }
}
