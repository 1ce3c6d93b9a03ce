/*
 * A plain C peer of the ternary products, for benchmarks alone: what the same processor does when
 * the same sums are written by hand in its vector instructions.
 *
 * Trits in two bits as Bitnet.cpp's I2_S has them: a row is cut into chunks of 256 columns, and
 * byte j of the 64 of a chunk holds trit + 1 of columns j, 64 + j, 128 + j and 192 + j, the first
 * in the highest bits. Unpacked codes 0 to 2 are unsigned, so that VPDPBUSD multiplies them with
 * signed activations into exact 32-bit sums; the sum of the activations is subtracted at the end.
 */
#include <immintrin.h>
#include <stdint.h>

enum { CHUNK = 256, BYTES = 64, ROWS = 4, AHEAD = 4096 };

/* The columns are a multiple of 256, the rows one of 4. */
void encode(const int8_t *trits, long rows, long columns, uint8_t *into) {
  for (long row = 0; row < rows; row++) {
    for (long chunk = 0; chunk < columns / CHUNK; chunk++) {
      for (int j = 0; j < BYTES; j++) {
        const int8_t *t = trits + row * columns + chunk * CHUNK + j;
        *into++ = (uint8_t)((t[0] + 1) << 6 | (t[64] + 1) << 4 | (t[128] + 1) << 2 | (t[192] + 1));
      }
    }
  }
}

#if defined(__AVX512VNNI__)
static inline __m512i add_chunk(__m512i sum, const uint8_t *codes, const int8_t *x) {
  __m512i three = _mm512_set1_epi8(3);
  __m512i all = _mm512_loadu_si512(codes);
  _mm_prefetch((const char *)codes + AHEAD, _MM_HINT_T0);
  __m512i c0 = _mm512_and_si512(_mm512_srli_epi16(all, 6), three);
  __m512i c1 = _mm512_and_si512(_mm512_srli_epi16(all, 4), three);
  __m512i c2 = _mm512_and_si512(_mm512_srli_epi16(all, 2), three);
  __m512i c3 = _mm512_and_si512(all, three);
  sum = _mm512_dpbusd_epi32(sum, c0, _mm512_loadu_si512(x));
  sum = _mm512_dpbusd_epi32(sum, c1, _mm512_loadu_si512(x + 64));
  sum = _mm512_dpbusd_epi32(sum, c2, _mm512_loadu_si512(x + 128));
  return _mm512_dpbusd_epi32(sum, c3, _mm512_loadu_si512(x + 192));
}

/* y[row] = scale * sum of trit times activation, one scale a row. */
void multiply(const uint8_t *codes, const float *scales, long rows, long columns, const int8_t *x,
              float *y) {
  int32_t total = 0;
  for (long c = 0; c < columns; c++) {
    total += x[c];
  }
  long stride = columns / 4;
  for (long row = 0; row < rows; row += ROWS) {
    const uint8_t *w = codes + row * stride;
    __m512i s0 = _mm512_setzero_si512(), s1 = s0, s2 = s0, s3 = s0;
    for (long c = 0; c < columns; c += CHUNK, w += BYTES) {
      s0 = add_chunk(s0, w, x + c);
      s1 = add_chunk(s1, w + stride, x + c);
      s2 = add_chunk(s2, w + 2 * stride, x + c);
      s3 = add_chunk(s3, w + 3 * stride, x + c);
    }
    y[row] = scales[row] * (float)(_mm512_reduce_add_epi32(s0) - total);
    y[row + 1] = scales[row + 1] * (float)(_mm512_reduce_add_epi32(s1) - total);
    y[row + 2] = scales[row + 2] * (float)(_mm512_reduce_add_epi32(s2) - total);
    y[row + 3] = scales[row + 3] * (float)(_mm512_reduce_add_epi32(s3) - total);
  }
}
#endif

/*
 * Two trit-planes by alternating least squares over groups of 128, a sweep by thresholds on the
 * magnitudes: gcc makes vectors of the inner loops. Returns trits first-plane-last-plane and two
 * scales a group.
 */
enum { GROUP = 128, ROUNDS = 50 };

static void tally(const float *w, const float *t, int *count, float *sum) {
  for (int k = 0; k < 4; k++) {
    float threshold = t[k], s = 0;
    int n = 0;
    for (int i = 0; i < GROUP; i++) {
      float v = __builtin_fabsf(w[i]);
      n += v > threshold;
      s += v > threshold ? v : 0;
    }
    count[k] = n;
    sum[k] = s;
  }
}

static void split(double a, double b, float *t) {
  double d = a - b, low = d < b ? d : b, high = d < b ? b : d;
  t[0] = (float)(low / 2);
  t[1] = (float)((low + high) / 2);
  t[2] = (float)((high + a) / 2);
  t[3] = (float)(a + b / 2);
}

static void solve(double n11, double n12, double n22, double b1, double b2, double *a, double *b) {
  double lambda = 1e-8, determinant, squares;
  for (;; lambda *= 10) {
    double a11 = n11 + lambda, a22 = n22 + lambda;
    determinant = a11 * a22 - n12 * n12;
    squares = a11 * a11 + a22 * a22 + 2 * n12 * n12;
    if (squares <= 1e6 * __builtin_fabs(determinant) || lambda >= 1) {
      double x = __builtin_fabs((a22 * b1 - n12 * b2) / determinant);
      double y = __builtin_fabs((a11 * b2 - n12 * b1) / determinant);
      *a = x > y ? x : y;
      *b = x > y ? y : x;
      return;
    }
  }
}

static void emit(const float *w, double a, double b, int8_t *first, int8_t *second) {
  float t[4];
  split(a, b, t);
  int lower = a - b < b;
  int8_t f1 = lower ? 1 : 0, s1 = lower ? -1 : 1, f2 = lower ? 0 : 1, s2 = lower ? 1 : -1;
  for (int i = 0; i < GROUP; i++) {
    float v = __builtin_fabsf(w[i]);
    int8_t f = v > t[0] ? f1 : 0, s = v > t[0] ? s1 : 0;
    f = v > t[1] ? f2 : f;
    s = v > t[1] ? s2 : s;
    f = v > t[2] ? 1 : f;
    s = v > t[2] ? 0 : s;
    s = v > t[3] ? 1 : s;
    first[i] = w[i] < 0 ? -f : f;
    second[i] = w[i] < 0 ? -s : s;
  }
}

void ptqtp(const float *w, long groups, int8_t *first, int8_t *second, float *scales) {
  for (long g = 0; g < groups; g++, w += GROUP, first += GROUP, second += GROUP, scales += 2) {
    float t[4] = {0, 0, 0, 0}, sum[4];
    int count[4], last[4] = {-1, -1, -1, -1};
    double a, b;
    tally(w, t, count, sum);
    solve(count[0], count[0], count[0], sum[0], sum[0], &a, &b);
    for (int round = 0; round < ROUNDS; round++) {
      split(a, b, t);
      tally(w, t, count, sum);
      if (!__builtin_memcmp(count, last, sizeof count)) {
        break;
      }
      __builtin_memcpy(last, count, sizeof count);
      int lower = count[0] - count[1], upper = count[1] - count[2];
      double lowerSum = (double)sum[0] - sum[1], upperSum = (double)sum[1] - sum[2];
      int lowest = a - b < b;
      int d = lowest ? lower : upper;
      double dSum = lowest ? lowerSum : upperSum, bSum = lowest ? upperSum : lowerSum;
      solve(d + count[2], count[3] - d, lower + upper + count[3], dSum + sum[2],
            bSum - dSum + sum[3], &a, &b);
    }
    scales[0] = (float)a;
    scales[1] = (float)b;
    emit(w, a, b, first, second);
  }
}
