/**
 * Text from a model, token by token, in this process.
 *
 * <p>Here: a model whose weights stay in memory, a sequence that it goes on with, what ends a text,
 * tokens to characters and turns of a chat to a prompt. Not here: the forward pass and the choice
 * of a token ({@code kernels.model}), text to tokens ({@code data}), printing.
 */
package io.tritmill.jobs.generate;
