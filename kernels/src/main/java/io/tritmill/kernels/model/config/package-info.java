/**
 * What config.json says, read key by key: sizes, positions, kinds of layers, activations.
 *
 * <p>Here: keys, their older and newer spellings, defaults and domains, and what of a config.json
 * is refused. Not here: which family means what by them, and names of tensors.
 */
package io.tritmill.kernels.model.config;
