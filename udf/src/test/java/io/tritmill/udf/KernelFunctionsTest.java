package io.tritmill.udf;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tritmill.kernels.tensor.DType;
import java.lang.reflect.Modifier;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.spark.sql.AnalysisException;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.connector.catalog.FunctionCatalog;
import org.apache.spark.sql.connector.catalog.Identifier;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Every function as a user calls it: through SQL, against values worked by hand. */
@Tag("slow")
class KernelFunctionsTest {
  private static SparkSession spark;

  @TempDir static Path folder;

  @BeforeAll
  static void start() {
    spark =
        SparkSession.builder()
            .master("local[1]")
            .appName("functions")
            .config("spark.ui.enabled", false)
            .config("spark.sql.shuffle.partitions", 1)
            .config("spark.sql.warehouse.dir", folder.resolve("warehouse").toString())
            .config("spark.sql.catalog.trit", KernelCatalog.class.getName())
            .getOrCreate();
  }

  @AfterAll
  static void stop() {
    spark.stop();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "squared_error(array(1, 2, 3.5), array(0, 2, 5)) | 3.25",
        "squared_error(array(), array()) | 0.0",
        "sum_of_squares(array(1, -2, 0.5)) | 5.25",
        "sum_of_squares(array()) | 0.0",
        "sqnr_db(array(10, 0), array(9, 0)) | 20.0",
        "sqnr_db(array(1, 2), array(1, 2)) | Infinity",
        "sqnr_db(array(0, 0), array(1, 0)) | -Infinity",
        "absmean_scale(array(1, -2, 0, 3)) | 1.5",
        "absmean_scale(array()) | null",
        "ternarize(array(0.5, -0.5, 0.6, -0.6, 0), 0.5) | [0, 0, 1, -1, 0]",
        "ternarize(array(0, -1, 1), 0) | [0, -1, 1]",
        "decode(X'0000803F000000C0', 'F32') | [1.0, -2.0]",
        "decode(X'003C00C0', 'F16') | [1.0, -2.0]",
        "decode(X'803F00C0', 'BF16') | [1.0, -2.0]",
        "decode(X'', 'F16') | []",
      })
  void computesWhatIsWorkedByHand(String call, String expected) {
    assertEquals(expected, text(select("trit." + call)));
  }

  // A byte is the sum of (trit + 1) * 3^i over its five trits, a half 0.5, 1 or 2 is 0038, 003C or
  // 0040. The first plane is + 0 0 - 0 | +: 2 + 3 + 9 + 0 + 81 = 95 = 5F, and 2 + 3 + 9 + 27 + 81 =
  // 122 = 7A with four zero trits of padding.
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "X'5F7A', X'003C0040', 2, 3, 1, 'row', false | [1.0, 0.0, 0.0, -2.0, 0.0, 2.0]",
        "X'5F7A', X'0038', 2, 3, 1, 'tensor', false | [0.5, 0.0, 0.0, -0.5, 0.0, 0.5]",
        "X'5F7A', X'0038', 2, 3, 1, 'tensor', true | [0.5, 0.0, 0.0, -0.5, 0.0, 0.5]",
        // Groups of 2 columns: a row has one whole group and one of a single column.
        "X'5F7A', X'003C003C00400038', 2, 3, 1, '2', false | [1.0, 0.0, 0.0, -2.0, 0.0, 0.5]",
        // Planes + 0 - (2 + 3 + 0 + 27 + 81 = 71) and - 0 - (0 + 3 + 0 + 27 + 81 = 6F), in hex.
        "X'716F', X'00400038', 1, 3, 2, 'row', false | [1.5, 0.0, -2.5]",
        // Tied: the first plane counts three times the scale 0.5.
        "X'716F', X'0038', 1, 3, 2, 'row', true | [1.0, 0.0, -2.0]",
        // Three tied planes, 9:3:1, of +, - and +.
        "X'7A787A', X'003C', 1, 1, 3, 'row', true | [7.0]",
      })
  void unpacksWhatIsWorkedByHand(String arguments, String expected) {
    assertEquals(expected, text(select("trit.unpack_trits(" + arguments + ")")));
  }

  @ParameterizedTest
  @MethodSource("callsWithOneNull")
  void answersNullWithNull(String call) {
    assertNull(select(call), call);
  }

  static Stream<String> callsWithOneNull() {
    return Stream.of(
            List.of("squared_error", "array(1)", "array(1)"),
            List.of("sum_of_squares", "array(1)"),
            List.of("sqnr_db", "array(1)", "array(1)"),
            List.of("absmean_scale", "array(1)"),
            List.of("ternarize", "array(1)", "0.5"),
            List.of("decode", "X'003C'", "'F16'"),
            List.of("unpack_trits", "X'7A'", "X'003C'", "1", "1", "1", "'row'", "false"))
        .flatMap(
            call ->
                IntStream.range(1, call.size())
                    .mapToObj(
                        nulled ->
                            IntStream.range(1, call.size())
                                .mapToObj(i -> i == nulled ? "null" : call.get(i))
                                .collect(
                                    Collectors.joining(", ", "trit." + call.get(0) + "(", ")"))));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "squared_error(array(1, 2), array(1)) | a has 2 values and b has 1, expected as many",
        "sqnr_db(array(1), array(1, 2)) | a has 1 values and b has 2, expected as many",
        "squared_error(array(1, 2), array(1, null)) | b[1] is null, expected a number",
        "sum_of_squares(array(null, 1)) | a[0] is null, expected a number",
        "absmean_scale(array(1, null)) | a[1] is null, expected a number",
        "ternarize(array(1), -1) | threshold is -1.0, expected 0 or more",
        "ternarize(array(1), float('nan')) | threshold is NaN, expected 0 or more",
        "decode(X'00', 'F16') | 1 bytes are no whole number of F16, which has 2 bytes",
        "decode(X'00', 'I8') | dtype is I8, expected one of [F32, F16, BF16]",
        "unpack_trits(X'7A7A', X'003C', 1, 1, 1, 'row', false) | trits has 2 bytes, expected 1",
        "unpack_trits(X'7A', X'003C', 1, 1, 2, 'row', false) | trits has 1 bytes, expected 2",
        "unpack_trits(X'7A', X'00', 1, 1, 1, 'row', false) | scales has 1 bytes, expected 2",
        "unpack_trits(X'F3', X'003C', 1, 1, 1, 'row', false) | trits[0] is 243, expected at most",
        "unpack_trits(X'7A', X'003C', 0, 1, 1, 'row', false) | rows and columns are 0 and 1",
        "unpack_trits(X'7A', X'003C', 1, 1, 4, 'row', false) | planes is 1, 2 or 3, found 4",
        "unpack_trits(X'7A', X'003C', 1, 1, 1, 'col', false) | row or tensor, found col",
        "sum_of_squares() | sum_of_squares takes (a array<float>), found 0 arguments",
        "sum_of_squares('text') | ARRAY<FLOAT>",
      })
  void saysWhatIsWrong(String call, String expected) {
    Throwable thrown = assertThrows(Throwable.class, () -> select("trit." + call));
    assertTrue(messages(thrown).contains(expected), messages(thrown));
  }

  @ParameterizedTest
  @ValueSource(strings = {"sqnr(array(1), array(1))", "deeper.sqnr_db(array(1), array(1))"})
  void anUnknownFunctionIsAnErrorOfAnalysis(String call) {
    AnalysisException thrown = assertThrows(AnalysisException.class, () -> select("trit." + call));
    assertTrue(thrown.getMessage().contains("sqnr"), thrown.getMessage());
  }

  @Test
  void theCatalogHasFunctionsAndNoNamespaces() {
    assertEquals(List.of(), spark.sql("SHOW NAMESPACES IN trit").collectAsList());
    assertTrue(
        spark.sql("SHOW USER FUNCTIONS IN trit").collectAsList().toString().contains("sqnr_db"));
  }

  @Test
  void worksOnColumnsInGeneratedCode() {
    // Arrays read from Parquet are of other classes than literals.
    String file = folder.resolve("columns").toString();
    spark
        .range(0, 40, 1, 1)
        .selectExpr(
            "id",
            "transform(sequence(0, 9), i -> float(i * (id % 3 - 1))) as a",
            "transform(sequence(0, 9), i -> float(i * (id % 3 - 1) + 0.5)) as b",
            "X'003C00C0' as bytes")
        .write()
        .parquet(file);
    spark.read().parquet(file).createOrReplaceTempView("bands");

    Row sums =
        spark
            .sql(
                "select count(*), sum(trit.squared_error(a, b)), sum(trit.sum_of_squares(a)),"
                    + " sum(trit.absmean_scale(a)), min(trit.sqnr_db(a, b)),"
                    + " sum(aggregate(trit.ternarize(a, 4.5), 0, (s, t) -> s + t)),"
                    + " sum(trit.squared_error(trit.decode(bytes, 'F16'), array(0, 0)))"
                    + " from bands")
            .head();

    // Ids 0..39: 14 rows of -i, 13 of zeros, 13 of i, for i in 0..9; 1 + ... + 81 = 285.
    assertEquals(40, sums.getLong(0));
    assertEquals(40 * 10 * 0.25, sums.getDouble(1));
    assertEquals(27 * 285.0, sums.getDouble(2));
    assertEquals(27 * 4.5, sums.getDouble(3));
    assertEquals(Double.NEGATIVE_INFINITY, sums.getDouble(4));
    assertEquals(-5, sums.getLong(5));
    assertEquals(40 * 5.0, sums.getDouble(6));
  }

  @Test
  void catalogListsEveryFunction() throws Exception {
    FunctionCatalog catalog =
        (FunctionCatalog) spark.sessionState().catalogManager().catalog("trit");
    List<String> names =
        Arrays.stream(catalog.listFunctions(new String[0])).map(Identifier::name).toList();

    assertEquals(
        List.of(
            "absmean_scale",
            "decode",
            "sqnr_db",
            "squared_error",
            "sum_of_squares",
            "ternarize",
            "unpack_integers",
            "unpack_row_trits",
            "unpack_trits"),
        names);
    for (String name : names) {
      assertTrue(catalog.functionExists(Identifier.of(new String[0], name)), name);
    }
    assertEquals("trit", catalog.name());
  }

  @Test
  void everyFunctionIsWellFormed() {
    assertFalse(KernelFunctions.byName().isEmpty());
    KernelFunctions.byName()
        .forEach(
            (name, function) -> {
              assertTrue(name.matches("[a-z][a-z0-9_]*"), name);
              assertTrue(function.description().startsWith(name + "("), name);
              assertNotNull(function.resultType(), name);
              assertTrue(Modifier.isPublic(function.getClass().getModifiers()), name);
              long invokes =
                  Arrays.stream(function.getClass().getMethods())
                      .filter(method -> method.getName().equals("invoke"))
                      .filter(method -> Modifier.isStatic(method.getModifiers()))
                      .filter(method -> method.getParameterCount() == function.inputTypes().length)
                      .count();
              assertEquals(1, invokes, name);
            });
  }

  @Test
  void decodesEveryTypeThatCheckpointsUse() {
    float[] values = {1, -2, 0.5f, 0, -0.25f};
    for (DType type : DType.values()) {
      byte[] bytes = new byte[values.length * type.bytes()];
      type.encode(values, 0, bytes, 0, values.length);
      String call =
          "trit.decode(X'%s', '%s')".formatted(HexFormat.of().formatHex(bytes), type.name());
      assertEquals("[1.0, -2.0, 0.5, 0.0, -0.25]", text(select(call)), type.name());
    }
  }

  private static Object select(String expression) {
    return spark.sql("select " + expression).head().get(0);
  }

  private static String text(Object value) {
    return switch (value) {
      case null -> "null";
      case scala.collection.Seq<?> sequence -> sequence.mkString("[", ", ", "]");
      default -> value.toString();
    };
  }

  private static String messages(Throwable thrown) {
    return Stream.iterate(thrown, t -> t != null, Throwable::getCause)
        .map(Throwable::getMessage)
        .collect(Collectors.joining("\n"));
  }
}
