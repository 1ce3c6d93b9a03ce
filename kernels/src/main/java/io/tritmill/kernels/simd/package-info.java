/**
 * The hot loops as all others see them.
 *
 * <p>Here: public types that check their arguments, take arrays, and cut large work for idle cores.
 * What they run lies in rooms by what is computed: {@code lanes} (element by element, and sums),
 * {@code product} (matrices), {@code trit} (ternary products and bytes), {@code limits} (of the
 * machine). Only this room uses those; their public types are public for it and for each other. Not
 * here: vector types, loops, anything that knows what a layer, a quantizer or a file is.
 */
package io.tritmill.kernels.simd;
