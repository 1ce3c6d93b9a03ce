package io.tritmill.jobs.data;

import java.util.Optional;
import java.util.function.Consumer;

/**
 * What a reader of one file has to know.
 *
 * @param column the column that the user wants
 * @param characters of a text that are enough; a longer one may come cut
 * @param remarks gets a sentence for what a person should know of a file that is read all the same
 */
record Reading(Optional<String> column, int characters, Consumer<String> remarks) {}
