package io.tritmill.jobs.export;

import java.util.List;

/** An export that is settled, and still to be written. */
interface SettledExport {
  /** What becomes of the matrices. */
  List<Export.Choice> choices();

  /** Writes all files; what is half written does not look whole. */
  void write();

  /** The command that opens it, once it is written. */
  String opened();
}
