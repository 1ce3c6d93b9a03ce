package io.tritmill.jobs.data;

import com.google.flatbuffers.Table;
import io.tritmill.jobs.failure.BadInputException;
import java.nio.ByteBuffer;
import org.apache.arrow.flatbuf.Message;
import org.apache.arrow.flatbuf.MessageHeader;
import org.apache.arrow.flatbuf.Type;
import org.apache.hadoop.fs.Path;

/**
 * Types that the library does not know, and for which it refuses the whole file, whichever column
 * was asked for. Those that lie in memory as another type does are taken for that.
 */
final class ArrowTypes {
  /** Places in the tables of Arrow's Message.fbs and Schema.fbs. */
  private static final int MESSAGE_HEADER = 8;

  private static final int SCHEMA_FIELDS = 6;
  private static final int FIELD_TYPE_KIND = 8;
  private static final int FIELD_TYPE = 10;
  private static final int FIELD_CHILDREN = 14;
  private static final int DECIMAL_PRECISION = 4;
  private static final int DECIMAL_BITS = 8;
  private static final int INTEGER_BITS = 4;

  private ArrowTypes() {}

  /**
   * Makes a schema readable: decimals of 32 and 64 bits are integers of so many.
   *
   * @param message a message that keeps to {@link ArrowLimits}
   * @param metadata its bytes, which are changed
   * @throws BadInputException if a column has a type whose form in memory is not known
   */
  static void makeReadable(Path file, Message message, ByteBuffer metadata) {
    if (message.headerType() == MessageHeader.Schema) {
      View root = new View(metadata, metadata.getInt(0));
      View schema = root.table(MESSAGE_HEADER);
      for (View field : schema.tables(SCHEMA_FIELDS)) {
        makeReadable(file, field);
      }
    }
  }

  private static void makeReadable(Path file, View field) {
    int kindAt = field.at(FIELD_TYPE_KIND);
    int kind = kindAt == 0 ? Type.NONE : field.bytes().get(kindAt);
    if (kind < 0 || kind >= Type.names.length) {
      throw BadInputException.broken(
          "%s: has a column of a type that is not read (%d); is the file damaged? If not, write it again without the column",
          file, kind);
    }
    if (kind == Type.Decimal && field.at(FIELD_TYPE) != 0) {
      View decimal = field.table(FIELD_TYPE);
      int bits = decimal.at(DECIMAL_BITS) == 0 ? 0 : decimal.integer(DECIMAL_BITS);
      if ((bits == Integer.SIZE || bits == Long.SIZE) && decimal.at(DECIMAL_PRECISION) != 0) {
        field.bytes().put(kindAt, Type.Int);
        field.bytes().putInt(decimal.at(INTEGER_BITS), bits);
      }
    }
    for (View child : field.tables(FIELD_CHILDREN)) {
      makeReadable(file, child);
    }
  }

  /** A table of a flatbuffer, of which places are wanted, not values. */
  private static final class View extends Table {
    View(ByteBuffer bytes, int position) {
      __reset(position, bytes);
    }

    ByteBuffer bytes() {
      return bb;
    }

    /** Where a field lies, or 0 if the table has it not. */
    int at(int slot) {
      int offset = __offset(slot);
      return offset == 0 ? 0 : bb_pos + offset;
    }

    int integer(int slot) {
      return bb.getInt(at(slot));
    }

    View table(int slot) {
      return new View(bb, __indirect(at(slot)));
    }

    View[] tables(int slot) {
      int offset = __offset(slot);
      View[] tables = new View[offset == 0 ? 0 : __vector_len(offset)];
      for (int i = 0; i < tables.length; i++) {
        tables[i] = new View(bb, __indirect(__vector(offset) + i * Integer.BYTES));
      }
      return tables;
    }
  }
}
