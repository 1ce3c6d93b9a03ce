package io.tritmill.jobs.plan;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tritmill.jobs.checkpoint.Checkpoint;
import io.tritmill.jobs.recipe.RecipeParser;
import io.tritmill.jobs.storage.Storage;
import java.nio.file.Path;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SpeedProbeTest {
  @ParameterizedTest
  @ValueSource(strings = {"twn", "trit2-uniform"})
  void estimatesMethodsThatLearnAndThoseThatDoNot(String recipe) {
    Storage storage = new Storage(new Configuration());
    Path model = Path.of("../examples/demo-6m").toAbsolutePath();
    Checkpoint checkpoint = Checkpoint.open(storage, storage.path(model.toString()));
    Plan plan = new Planner(storage).plan(checkpoint, RecipeParser.load(storage, recipe), false);
    SpeedProbe.Range range = SpeedProbe.estimate(plan, 2);
    assertTrue(range.low() > 0 && range.low() < range.high(), range::toString);
  }
}
