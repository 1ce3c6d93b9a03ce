package io.tritmill.jobs.format;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;

/** A reader of packed safetensors written from FORMAT.md alone: no class of ours is used here. */
public final class PlainReader {
  private final JsonNode header;
  private final JsonNode packed;
  private final ByteBuffer data;

  /** Reads a file. */
  public PlainReader(Path file) throws IOException {
    ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
    byte[] json = new byte[Math.toIntExact(bytes.getLong())];
    bytes.get(json);
    ObjectMapper mapper = new ObjectMapper();
    header = mapper.readTree(json);
    packed = mapper.readTree(header.get("__metadata__").get("tritmill.tensors").asText());
    data = bytes.slice().order(ByteOrder.LITTLE_ENDIAN);
  }

  /** Every packed matrix by name, row-major. */
  public Map<String, float[]> matrices() {
    Map<String, float[]> matrices = new TreeMap<>();
    packed.fieldNames().forEachRemaining(name -> matrices.put(name, matrix(name)));
    return matrices;
  }

  private float[] matrix(String name) {
    JsonNode about = packed.get(name);
    int rows = about.get("shape").get(0).asInt();
    int columns = about.get("shape").get(1).asInt();
    if (about.has("bits")) {
      return integers(name, about, rows, columns);
    }
    int planes = about.get("planes").asInt();
    boolean tied = about.get("tied").asBoolean();
    String group = about.get("group").asText();
    int width = group.matches("\\d+") ? Integer.parseInt(group) : columns;
    int groups = (columns + width - 1) / width;
    boolean shifted = about.path("shifted").asBoolean();
    int perGroup = (tied ? 1 : planes) + (shifted ? 1 : 0);
    ByteBuffer trits = tensor(name + ".trits");
    ByteBuffer scales = tensor(name + ".scales");
    boolean byRow = about.path("by_row").asBoolean();
    int[][] runs = new int[planes][rows]; // where a row stands in the run of a plane; -1 if not
    int[] begins = new int[planes];
    for (int p = 0, begin = 0; p < planes; p++) {
      begins[p] = begin;
      int before = 0;
      for (int row = 0; row < rows; row++) {
        boolean has = !byRow || planesOf(name, row) >= planes - p;
        runs[p][row] = has ? before++ : -1;
      }
      begin += (before * columns + 4) / 5;
    }
    float[] w = new float[rows * columns];
    for (int i = 0; i < w.length; i++) {
      int scaleRow = group.equals("tensor") ? 0 : i / columns;
      int first = (scaleRow * groups + i % columns / width) * perGroup;
      int level = 0;
      float sum = 0;
      for (int p = 0; p < planes; p++) {
        int run = runs[p][i / columns];
        int at = run * columns + i % columns;
        int digits = run < 0 ? 0 : trits.get(begins[p] + at / 5) & 0xff;
        int trit = run < 0 ? 0 : digits / new int[] {1, 3, 9, 27, 81}[at % 5] % 3 - 1;
        level = 3 * level + trit;
        float product = tied ? 0 : half(scales, first + p) * trit;
        sum = p == 0 ? product : sum + product;
      }
      w[i] = tied ? half(scales, first) * level : sum;
      w[i] += shifted ? half(scales, first + perGroup - 1) : 0;
    }
    return w;
  }

  private float[] integers(String name, JsonNode about, int rows, int columns) {
    int bits = about.get("bits").asInt();
    String group = about.get("group").asText();
    int width = group.matches("\\d+") ? Integer.parseInt(group) : columns;
    int groups = (columns + width - 1) / width;
    ByteBuffer scales = tensor(name + ".scales");
    float[] w = new float[rows * columns];
    for (int i = 0; i < w.length; i++) {
      int row = i / columns;
      int at = i % columns / width;
      int zero =
          about.has("zero")
              ? about.get("zero").asInt()
              : code(name + ".zeros", row, at, groups, bits);
      int code = code(name + ".codes", row, i % columns, columns, bits);
      w[i] = half(scales, row * groups + at) * (code - zero);
    }
    return w;
  }

  private int code(String name, int row, int index, int count, int bits) {
    ByteBuffer packed = tensor(name);
    int begin = row * ((count * bits + 7) / 8) * 8 + index * bits;
    int code = 0;
    for (int bit = 0; bit < bits; bit++) {
      int position = begin + bit;
      code |= (packed.get(position / 8) >> position % 8 & 1) << bit;
    }
    return code;
  }

  private int planesOf(String name, int row) {
    return tensor(name + ".planes").get(row / 4) >> 2 * (row % 4) & 3;
  }

  private static float half(ByteBuffer scales, int index) {
    return Float.float16ToFloat(scales.getShort(2 * index));
  }

  /** The bytes of any tensor of the file. */
  ByteBuffer tensor(String name) {
    JsonNode offsets = header.get(name).get("data_offsets");
    int begin = offsets.get(0).asInt();
    return data.slice(begin, offsets.get(1).asInt() - begin).order(ByteOrder.LITTLE_ENDIAN);
  }

  /** What the header says of a tensor, as {@code dtype [shape]}. */
  String described(String name) {
    return header.get(name).get("dtype").asText() + " " + header.get(name).get("shape");
  }

  /** Names of all tensors in the order of the header. */
  String[] names() {
    String[] names = new String[header.size()];
    int[] next = {0};
    header.fieldNames().forEachRemaining(name -> names[next[0]++] = name);
    return Arrays.stream(names).filter(name -> !name.equals("__metadata__")).toArray(String[]::new);
  }
}
