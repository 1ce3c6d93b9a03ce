package io.tritmill.kernels.quantize.learn;

/** Positive numbers that descend by their logarithms, 1 at first: Adam (arXiv:1412.6980). */
final class LearnedDivisors {
  private static final float FIRST_DECAY = 0.9f;
  private static final float SECOND_DECAY = 0.999f;
  private static final float LIMIT = 3;

  private final float rate;
  private final float[] logarithms;
  private final float[] first; // decaying mean of the derivatives
  private final float[] second; // and of their squares
  private double firstShare = 1; // what the means still hold of their beginning at zero
  private double secondShare = 1;

  LearnedDivisors(int count, double rate) {
    this.rate = (float) rate;
    logarithms = new float[count];
    first = new float[count];
    second = new float[count];
  }

  /** Takes a step against the derivatives of what is to be made small. */
  void descend(float[] slopes) {
    firstShare *= FIRST_DECAY;
    secondShare *= SECOND_DECAY;
    float firstScale = (float) (1 / (1 - firstShare));
    float secondScale = (float) (1 / (1 - secondShare));
    for (int i = 0; i < logarithms.length; i++) {
      float slope = slopes[i];
      first[i] = FIRST_DECAY * first[i] + (1 - FIRST_DECAY) * slope;
      second[i] = SECOND_DECAY * second[i] + (1 - SECOND_DECAY) * slope * slope;
      float size = (float) Math.sqrt(second[i] * secondScale);
      float step = size > 0 ? rate * first[i] * firstScale / size : 0;
      logarithms[i] = Math.clamp(logarithms[i] - step, -LIMIT, LIMIT);
    }
  }

  float divisor(int i) {
    return (float) Math.exp(logarithms[i]);
  }
}
