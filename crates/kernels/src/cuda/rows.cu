// Maps of rows, and of elements: each one launch in place of a framework's many.

#include "common.cuh"

#define COLUMNS 32
#define ROW_LANES 32

extern "C" __global__ void add_bias(float* rows, const float* bias, u64 count, u32 width) {
    u64 at = (u64)blockIdx.x * blockDim.x + threadIdx.x;
    if (at < count) rows[at] += bias[at % width];
}

extern "C" __global__ void gelu(const float* xs, float* ys, u64 count) {
    u64 at = (u64)blockIdx.x * blockDim.x + threadIdx.x;
    if (at >= count) return;
    float x = xs[at];
    ys[at] = 0.5f * x * (1.f + erff(x * 0.70710678118654752f));
}

extern "C" __global__ void gelu_backward(const float* xs, const float* grad, float* out, u64 count) {
    u64 at = (u64)blockIdx.x * blockDim.x + threadIdx.x;
    if (at >= count) return;
    float x = xs[at];
    float cumulative = 0.5f * (1.f + erff(x * 0.70710678118654752f));
    out[at] = grad[at] * (cumulative + x * 0.39894228040143268f * expf(-0.5f * x * x));
}

// A warp a row.
extern "C" __global__ void layer_norm(const float* xs, const float* weight, const float* bias, float* ys, u32 rows, u32 width,
                                      float eps) {
    u32 row = blockIdx.x * blockDim.y + threadIdx.y;
    if (row >= rows) return;
    xs += (u64)row * width;
    ys += (u64)row * width;
    float sum = 0.f, squares = 0.f;
    for (u32 i = threadIdx.x; i < width; i += WARP) sum += xs[i];
    float mean = warp_sum(sum) / width;
    for (u32 i = threadIdx.x; i < width; i += WARP) squares += (xs[i] - mean) * (xs[i] - mean);
    float scale = 1.f / sqrtf(warp_sum(squares) / width + eps);
    for (u32 i = threadIdx.x; i < width; i += WARP) ys[i] = (xs[i] - mean) * scale * weight[i] + bias[i];
}

// A warp a row: the gradient of the row, and its mean and scale for the gradients of weight and bias.
extern "C" __global__ void layer_norm_backward(const float* xs, const float* weight, const float* grad, float* out,
                                               float* moments, u32 rows, u32 width, float eps) {
    u32 row = blockIdx.x * blockDim.y + threadIdx.y;
    if (row >= rows) return;
    xs += (u64)row * width;
    grad += (u64)row * width;
    out += (u64)row * width;
    float sum = 0.f, squares = 0.f;
    for (u32 i = threadIdx.x; i < width; i += WARP) sum += xs[i];
    float mean = warp_sum(sum) / width;
    for (u32 i = threadIdx.x; i < width; i += WARP) squares += (xs[i] - mean) * (xs[i] - mean);
    float scale = 1.f / sqrtf(warp_sum(squares) / width + eps);
    float of_mean = 0.f, of_scale = 0.f;
    for (u32 i = threadIdx.x; i < width; i += WARP) {
        float g = grad[i] * weight[i];
        of_mean += g;
        of_scale += g * (xs[i] - mean);
    }
    of_mean = warp_sum(of_mean) / width;
    of_scale = warp_sum(of_scale) * scale / width;
    for (u32 i = threadIdx.x; i < width; i += WARP)
        out[i] = scale * (grad[i] * weight[i] - of_mean - (xs[i] - mean) * scale * of_scale);
    if (threadIdx.x == 0) {
        moments[2 * row] = mean;
        moments[2 * row + 1] = scale;
    }
}

// Sums of columns, in an order that does not change from run to run: of `grad`, and of `grad` times the normalised rows where
// `xs` are given. `out` is [weight's gradient if there are rows, bias' gradient]. Without `xs` there can be several groups of
// rows one after the other, a row of blocks each.
extern "C" __global__ void __launch_bounds__(1024) column_sums(const float* grad, const float* xs, const float* moments, float* out, u32 rows, u32 width) {
    __shared__ float shared[2][ROW_LANES][COLUMNS + 1];
    u32 column = blockIdx.x * COLUMNS + threadIdx.x;
    grad += (u64)blockIdx.y * rows * width;
    out += (u64)blockIdx.y * width;
    float plain = 0.f, weighted = 0.f;
    if (column < width) {
        for (u32 row = threadIdx.y; row < rows; row += ROW_LANES) {
            float g = grad[(u64)row * width + column];
            plain += g;
            if (xs) weighted += g * (xs[(u64)row * width + column] - moments[2 * row]) * moments[2 * row + 1];
        }
    }
    shared[0][threadIdx.y][threadIdx.x] = plain;
    shared[1][threadIdx.y][threadIdx.x] = weighted;
    __syncthreads();
    if (threadIdx.y == 0 && column < width) {
        plain = weighted = 0.f;
        for (int lane = 0; lane < ROW_LANES; lane++) {
            plain += shared[0][lane][threadIdx.x];
            weighted += shared[1][lane][threadIdx.x];
        }
        if (xs) {
            out[column] = weighted;
            out += width;
        }
        out[column] = plain;
    }
}

// `out` [rows, width]: to each row the sum of those of `xs` [count, width] whose number in `ids` it has, in their order. A thread
// an element, each of which goes through all numbers: for tables of few rows.
extern "C" __global__ void add_rows(const float* xs, const u32* ids, float* out, u64 elements, u32 count, u32 width) {
    u64 at = (u64)blockIdx.x * blockDim.x + threadIdx.x;
    if (at >= elements) return;
    u32 row = at / width, column = at % width;
    float sum = 0.f;
#pragma unroll 8
    for (u32 i = 0; i < count; i++)
        if (ids[i] == row) sum += xs[(u64)i * width + column];
    out[at] = sum;
}
