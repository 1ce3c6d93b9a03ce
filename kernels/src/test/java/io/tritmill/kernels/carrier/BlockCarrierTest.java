package io.tritmill.kernels.carrier;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tritmill.kernels.code.Group;
import io.tritmill.kernels.code.IntegerCodes;
import io.tritmill.kernels.code.IntegerLevels;
import io.tritmill.kernels.code.PackedMatrix;
import io.tritmill.kernels.quantize.Quantizer;
import io.tritmill.kernels.quantize.RandomWeights;
import io.tritmill.kernels.quantize.round.Absmean;
import io.tritmill.kernels.quantize.round.FourLevels;
import io.tritmill.kernels.quantize.round.Int;
import io.tritmill.kernels.quantize.round.Ptqtp;
import io.tritmill.kernels.tensor.Matrix;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class BlockCarrierTest {
  private static final int COLUMNS = 512;

  /** What holds integers of eight steps around zero, and what four of them from -1 on. */
  private static final String OF_EIGHT = "Q3_K Q4_0 Q4_K Q4_1 Q5_0 Q5_K Q5_1 Q6_K Q8_0";

  private static final String OF_FOUR = "TQ2_0 Q2_0 Q2_K " + OF_EIGHT;

  /** A method, and the carriers that hold what it makes. */
  static List<Arguments> held() {
    return List.of(
        held("one plane by row", new Ptqtp(1, Group.ROW, true, 50), "TQ1_0 " + OF_FOUR),
        held("one plane", new Ptqtp(1, Group.of(256), false, 50), "TQ1_0 " + OF_FOUR),
        held("one scale", new Absmean(Group.TENSOR), "TQ1_0 " + OF_FOUR),
        held(
            "small groups", new Ptqtp(1, Group.of(64), false, 50), "Q2_0 Q4_0 Q4_1 Q5_0 Q5_1 Q8_0"),
        held("groups that blocks straddle", new Ptqtp(1, Group.of(48), false, 50), ""),
        held("four levels", new FourLevels(Group.of(256)), OF_FOUR),
        held("two tied planes", new Ptqtp(2, Group.of(128), true, 50), "Q4_0 Q4_1 Q5_0 Q5_1 Q8_0"),
        held("three tied planes", new Ptqtp(3, Group.of(64), true, 50), "Q5_0 Q8_0"),
        held("int2 with zero points", new Int(2, Group.ROW, false), "Q2_K " + OF_EIGHT),
        held("int3", new Int(3, Group.of(256), true), OF_EIGHT),
        held("int4", new Int(4, Group.of(32), true), "Q4_0 Q4_1 Q5_0 Q5_1 Q8_0"),
        held("int4 with zero points", new Int(4, Group.of(128), false), "Q4_1 Q5_0 Q5_1 Q8_0"),
        held("int5 with zero points", new Int(5, Group.of(32), false), "Q5_1 Q8_0"),
        held(
            "int4 with zero points by row",
            new Int(4, Group.ROW, false),
            "Q4_K Q4_1 Q5_0 Q5_K Q5_1 Q6_K Q8_0"),
        held("int5", new Int(5, Group.of(32), true), "Q5_0 Q5_1 Q8_0"),
        held("int5 with zero points by row", new Int(5, Group.ROW, false), "Q5_K Q5_1 Q6_K Q8_0"),
        held("int6", new Int(6, Group.ROW, true), "Q6_K Q8_0"),
        held("int8", new Int(8, Group.of(32), true), "Q8_0"),
        held("int8 with zero points", new Int(8, Group.of(32), false), ""));
  }

  private static Arguments held(String name, Quantizer method, String carriers) {
    return Arguments.of(name, method, carriers);
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("held")
  void whatIsHeldDecodesToTheSameWeights(String name, Quantizer method, String carriers) {
    Matrix weights = RandomWeights.laplace(70, COLUMNS, 3);
    PackedMatrix packed = method.quantize(weights).pack();
    float[] expected = new float[70 * COLUMNS];
    packed.decode(0, 70, expected, 0);
    ScaledIntegers integers = ScaledIntegers.of(packed).orElseThrow();
    List<String> holding = new ArrayList<>();
    for (BlockCarrier carrier : BlockCarrier.values()) {
      if (carrier.refusal(integers.grid(), integers.columns()).isPresent()
          || carrier.refusal(integers).isPresent()) {
        continue;
      }
      holding.add(carrier.name());
      int rowBytes = carrier.rowBytes(COLUMNS);
      byte[] blocks = new byte[70 * rowBytes];
      for (int row = 0; row < 70; row++) {
        carrier.encode(integers, row, new byte[COLUMNS], blocks, row * rowBytes);
      }
      float[] found = new float[expected.length];
      carrier.type().decode(blocks, 0, found, 0, found.length);
      for (int i = 0; i < found.length; i++) {
        found[i] += 0f; // minus zero is zero
        expected[i] += 0f;
      }
      assertArrayEquals(expected, found, carrier.name());
    }
    assertEquals(carriers, String.join(" ", holding));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("held")
  void aRefusalSaysWhatIsHeld(String name, Quantizer method, String carriers) {
    PackedMatrix packed = method.quantize(RandomWeights.laplace(2, 500, 3)).pack();
    ScaledIntegers integers = ScaledIntegers.of(packed).orElseThrow();
    for (BlockCarrier carrier : BlockCarrier.values()) {
      String why = carrier.refusal(integers.grid(), integers.columns()).orElseThrow();
      assertTrue(why.startsWith("has ") || why.startsWith("holds "), why);
    }
  }

  @Test
  void freePlanesAndShiftsAreNoIntegers() {
    PackedMatrix free =
        new Ptqtp(2, Group.of(64), false, 50).quantize(RandomWeights.laplace(2, 128, 1)).pack();
    assertTrue(ScaledIntegers.of(free).isEmpty());
  }

  @Test
  void aLeastValueThatHalfLacksIsRefused() {
    IntegerCodes codes = IntegerLevels.withZeroPoints(4, Group.of(32)).zeros(1, 64);
    codes.scales()[0] = 255;
    codes.scales()[1] = 254;
    codes.zeros()[0] = 8;
    codes.zeros()[1] = 9;
    ScaledIntegers fits = ScaledIntegers.of(codes.pack()).orElseThrow();
    assertEquals(Optional.empty(), BlockCarrier.Q4_1.refusal(fits));
    codes.zeros()[0] = 9;
    ScaledIntegers beyond = ScaledIntegers.of(codes.pack()).orElseThrow();
    assertEquals(
        Optional.of("has least values in half precision, found -2295.0"),
        BlockCarrier.Q4_1.refusal(beyond));
    assertEquals(Optional.empty(), BlockCarrier.Q5_0.refusal(beyond));
  }
}
