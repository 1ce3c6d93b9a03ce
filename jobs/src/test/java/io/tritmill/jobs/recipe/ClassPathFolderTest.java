package io.tritmill.jobs.recipe;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;

class ClassPathFolderTest {
  @Test
  void listsAFolderOfAJar() {
    List<String> names = ClassPathFolder.names(Test.class, "org/junit/jupiter/api");
    assertTrue(names.contains("Test.class"));
    assertFalse(names.contains("io"), "folders are not listed");
    assertFalse(names.stream().anyMatch(name -> name.contains("/")), "nor what lies in them");
    assertEquals(names.stream().sorted().toList(), names);
  }

  @Test
  void listsAFolderOfADirectory() {
    assertTrue(
        ClassPathFolder.names(ClassPathFolderTest.class, "io/tritmill/jobs/recipe")
            .contains("ClassPathFolderTest.class"));
  }

  @Test
  void pathsGoDownIntoFolders() {
    List<String> jar = ClassPathFolder.paths(Test.class, "org/junit/jupiter");
    assertTrue(jar.contains("api/Test.class"));
    assertFalse(jar.contains("api/"), "folders are not listed");
    List<String> directory = ClassPathFolder.paths(ClassPathFolderTest.class, "io/tritmill/jobs");
    assertTrue(directory.contains("recipe/ClassPathFolderTest.class"));
    assertFalse(directory.contains("recipe"), "folders are not listed");
    assertEquals(directory.stream().sorted().toList(), directory);
  }

  @Test
  void aFolderThatIsNotThereIsEmpty() {
    assertEquals(List.of(), ClassPathFolder.names(Test.class, "org/junit/nothing"));
    assertEquals(List.of(), ClassPathFolder.names(ClassPathFolderTest.class, "nothing"));
    assertEquals(List.of(), ClassPathFolder.paths(ClassPathFolderTest.class, "nothing"));
  }
}
