package io.tritmill.jobs.tensor;

/** What makes the value that a family has of one that another program stores. */
public enum Change {
  /** Gains of norms are stored whole, where the family has what is added to one. */
  LESS_ONE {
    @Override
    float of(float stored) {
      return stored - 1;
    }

    @Override
    float back(float value) {
      return value + 1;
    }
  },
  /** A rate of decay, where the family has its logarithm; one that does not decay is no number. */
  LOG_OF_NEGATIVE {
    @Override
    float of(float stored) {
      return (float) Math.log(-(double) stored);
    }

    @Override
    float back(float value) {
      return (float) -Math.exp(value);
    }
  };

  abstract float of(float stored);

  abstract float back(float value);

  /** What is stored for values of the family. */
  public float[] stored(float[] values) {
    float[] stored = new float[values.length];
    for (int i = 0; i < values.length; i++) {
      stored[i] = back(values[i]);
    }
    return stored;
  }
}
