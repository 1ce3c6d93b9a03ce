package io.tritmill.jobs.command;

/** How a result is printed on stdout. */
enum OutputFormat {
  TEXT,
  JSON
}
