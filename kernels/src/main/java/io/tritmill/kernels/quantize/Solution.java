package io.tritmill.kernels.quantize;

import io.tritmill.kernels.code.Coded;
import java.io.Serializable;

/**
 * Codes on levels, and how they were found.
 *
 * @param codes the result
 * @param report what the method did; {@link SolveReport#NONE} of a method that needs no statistics
 */
public record Solution(Coded codes, SolveReport report) implements Serializable {}
