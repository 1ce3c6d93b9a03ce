package io.tritmill.kernels.quantize;

import io.tritmill.kernels.code.TritPlanes;
import java.io.Serializable;

/**
 * Trit-planes, and how they were found.
 *
 * @param planes the result
 * @param report what the method did; {@link SolveReport#NONE} of a method that needs no statistics
 */
public record Solution(TritPlanes planes, SolveReport report) implements Serializable {}
