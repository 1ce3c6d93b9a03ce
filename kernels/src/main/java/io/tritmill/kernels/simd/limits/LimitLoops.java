package io.tritmill.kernels.simd.limits;

/** What {@code MachineLimits} runs. */
public interface LimitLoops {
  /** Fused multiply-adds of floats in one round. */
  int multiplyAddsInRound();

  /** Sum of chains x = f x + y, each one step longer a round. */
  float multiplyAdd(int rounds);

  /** Sum of a, in any order. */
  float read(float[] a, int offset, int length);
}
