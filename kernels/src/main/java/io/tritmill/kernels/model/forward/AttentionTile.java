package io.tritmill.kernels.model.forward;

/**
 * A few queries of one head in one sequence, what they look at, and how much.
 *
 * @param head the query head
 * @param length tokens of the sequence
 * @param firstQuery position of the first query
 * @param queries number of queries
 * @param firstKey position of the first key
 * @param keys number of keys
 * @param probabilities (queries, keys); 0 where a query may not look
 * @param q rotated queries, rows of all heads side by side
 * @param queryAt where the first query of the tile begins in q
 * @param k rotated keys, rows of all key and value heads side by side
 * @param keyAt where the first key of the sequence, not of the tile, begins in k
 * @param v values; how far apart they lie is the operator's matter
 * @param valueAt where the first value of the sequence begins in v
 */
public record AttentionTile(
    int head,
    int length,
    int firstQuery,
    int queries,
    int firstKey,
    int keys,
    float[] probabilities,
    float[] q,
    int queryAt,
    float[] k,
    int keyAt,
    float[] v,
    int valueAt) {}
