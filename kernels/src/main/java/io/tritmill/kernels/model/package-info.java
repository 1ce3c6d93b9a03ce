/**
 * What a model is, as data: which linear maps there are, what they read, and the traits of what
 * lies between them.
 *
 * <p>Here: records that other rooms speak in, of sites, modules and sublayers. Not here: how
 * config.json becomes such a description ({@code config}, {@code family}), and what computes it
 * ({@code forward}). Nothing here knows a family by name.
 */
package io.tritmill.kernels.model;
