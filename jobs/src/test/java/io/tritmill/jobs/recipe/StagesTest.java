package io.tritmill.jobs.recipe;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tritmill.kernels.quantize.compensate.Gptq;
import io.tritmill.kernels.quantize.learn.Dlt;
import io.tritmill.kernels.quantize.round.Absmean;
import io.tritmill.kernels.quantize.round.TritRows;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class StagesTest {
  @Test
  void everyRoomOfMethodsIsLookedThrough() {
    assertEquals(Optional.of(Absmean.class), Stages.find("absmean"));
    assertEquals(Optional.of(TritRows.class), Stages.find("trit_rows"));
    assertEquals(Optional.of(Gptq.class), Stages.find("gptq"));
    assertEquals(Optional.of(Dlt.class), Stages.find("dlt"));
    assertEquals("dlt", Stages.name(Dlt.class));
  }

  @Test
  void whatAStageMakesOfAMethodIsNoStage() {
    List<String> methods = Stages.known().stream().filter(n -> n.endsWith("_method")).toList();
    assertEquals(List.of(), methods);
    String made = "io.tritmill.kernels.quantize.compensate.GptqMethod";
    String message =
        assertThrows(IllegalArgumentException.class, () -> Stages.find(made)).getMessage();
    assertTrue(message.startsWith("class " + made + " is no public record"), message);
  }
}
