/**
 * The one interpreter of an {@code Architecture}: a pass for each kind of operator, and what goes
 * through them.
 *
 * <p>Here: the order of a pass, and the weights it reads. Not here: functions of arrays alone
 * (those are in {@code function}), what is measured of the loss, a name of a family or of a tensor,
 * files, Spark.
 */
package io.tritmill.kernels.model.forward;
