/**
 * Whether a run is what it says.
 *
 * <p>Here: checksums and a second derivation of errors. It shares no arithmetic with the packages
 * that made the run but the SQL functions' own kernels.
 */
package io.tritmill.jobs.verify;
