/**
 * The cores that a task may use beside its own.
 *
 * <p>Here: who runs which part of a piece of work, and when. Not here: what a part is; the packages
 * that cut work see to it that the cut changes no bit. The only package of kernels with threads.
 */
package io.tritmill.kernels.parallel;
