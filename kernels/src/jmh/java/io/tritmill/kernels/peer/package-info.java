/**
 * Plain C that does what a kernel does, to compare with in one run.
 *
 * <p>Here: how it is compiled and called, and benchmarks of it. No part of the product and of no
 * test: without gcc these benchmarks fail and all else works.
 */
package io.tritmill.kernels.peer;
