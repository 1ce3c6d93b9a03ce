package io.tritmill.kernels.model;

/** What a feed-forward puts its gates through, element by element. */
public enum Activation {
  /** z / (1 + e^-z), also called swish. */
  SILU,
  /** z / 2 (1 + tanh(sqrt(2 / pi) (z + 0.044715 z^3))) (arXiv:1606.08415). */
  GELU_TANH,
  /** max(z, 0)^2 (arXiv:2109.08668). */
  RELU_SQUARED,
  /**
   * z / (1 + e^(-1.702 z)) of z that end at a limit l, beside which the other factor is 1 + max(-l,
   * min(u, l)) (arXiv:2508.10925).
   */
  CLAMPED_SILU,
  /**
   * p z^2 + beta z above 0, else n (e^min(z, epsilon) - 1 - z) + beta z, with p = softplus(alpha_p)
   * and n = beta + softplus(alpha_n) (arXiv:2411.13010); its parameters are tensors: alpha_p,
   * alpha_n, beta, epsilon.
   */
  XIELU
}
