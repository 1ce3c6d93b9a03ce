package io.tritmill.jobs.bench;

import java.util.function.Supplier;

/**
 * A kernel on operands of one shape.
 *
 * @param kernel name, unique among the probes
 * @param shape the operands, for a person
 * @param unit what its rate counts
 * @param prepare makes the operands
 */
record Probe(String kernel, String shape, Unit unit, Supplier<Work> prepare) {}
