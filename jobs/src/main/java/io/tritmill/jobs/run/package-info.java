/**
 * A run on storage: its directory, its ledger, its manifest, its summary.
 *
 * <p>Here: what makes a run complete, resumable or verifiable. Not here: how its files come to be.
 */
package io.tritmill.jobs.run;
