// AdamW with clipping, and moving averages, over all parameters at once: lists of pointers, cut into pieces of equal length.

#include "common.cuh"

// `Piece` in optimizer.rs.
struct Piece {
    u32 tensor, number;
};

// `Parameter` in optimizer.rs.
struct Parameter {
    float* weights;
    const float* gradient;
    float* first;
    float* second;
    u64 count;
    // What weight decay leaves of a weight, learning rate over the first moment's bias correction, and the reciprocal root of
    // the second's.
    float keep, size, inverse_root, unused;
};

// `Average` in optimizer.rs.
struct Average {
    float* average;
    const float* weights;
    u64 count;
};

#define THREADS 256
#define PIECE 8192

__device__ double block_sum(double x) {
    __shared__ double shared[THREADS / WARP];
    x = warp_sum(x);
    __syncthreads();
    if (threadIdx.x % WARP == 0) shared[threadIdx.x / WARP] = x;
    __syncthreads();
    x = 0.;
    for (int warp = 0; warp < THREADS / WARP; warp++) x += shared[warp];
    return x;
}

// The sum of squares of every piece of the gradients.
extern "C" __global__ void squares(const Parameter* parameters, const Piece* pieces, double* sums) {
    const Piece piece = pieces[blockIdx.x];
    const Parameter parameter = parameters[piece.tensor];
    u64 first = (u64)piece.number * PIECE, last = min(first + PIECE, parameter.count);
    double sum = 0.;
    for (u64 at = first + threadIdx.x; at < last; at += THREADS) sum += (double)parameter.gradient[at] * parameter.gradient[at];
    sum = block_sum(sum);
    if (threadIdx.x == 0) sums[blockIdx.x] = sum;
}

// From the pieces' sums, those of parameter p from `starts[p]` on, to `norms` [parameters + 2]: each parameter's sum of squares,
// the norm of all, and the factor that brings it down to `clip`, no number where the norm is none. One block.
extern "C" __global__ void total_norm(const double* sums, const u32* starts, u32 count, double clip, double* norms) {
    double total = 0.;
    for (u32 p = threadIdx.x; p < count; p += THREADS) {
        double sum = 0.;
        for (u32 at = starts[p]; at < starts[p + 1]; at++) sum += sums[at];
        norms[p] = sum;
        total += sum;
    }
    total = sqrt(block_sum(total));
    if (threadIdx.x == 0) {
        norms[count] = total;
        norms[count + 1] = isfinite(total) ? (total > clip ? clip / (total + 1e-6) : 1.) : NAN;
    }
}

// One step of every parameter, or of none where the norm is not finite.
extern "C" __global__ void adamw(const Parameter* parameters, const Piece* pieces, const double* factor, float beta_1, float rest_1,
                                 float beta_2, float rest_2, float epsilon) {
    const float scale = (float)*factor;
    if (isnan(scale)) return;
    const Piece piece = pieces[blockIdx.x];
    const Parameter p = parameters[piece.tensor];
    u64 first = (u64)piece.number * PIECE, last = min(first + PIECE, p.count);
    for (u64 at = first + threadIdx.x; at < last; at += THREADS) {
        const float grad = p.gradient[at] * scale;
        const float m = p.first[at] = beta_1 * p.first[at] + rest_1 * grad;
        const float v = p.second[at] = beta_2 * p.second[at] + rest_2 * grad * grad;
        p.weights[at] = p.weights[at] * p.keep - p.size * m / (sqrtf(v) * p.inverse_root + epsilon);
    }
}

// Moves every average by this share of its distance from the weights.
extern "C" __global__ void towards(const Average* averages, const Piece* pieces, float share) {
    const Piece piece = pieces[blockIdx.x];
    const Average a = averages[piece.tensor];
    u64 first = (u64)piece.number * PIECE, last = min(first + PIECE, a.count);
    for (u64 at = first + threadIdx.x; at < last; at += THREADS) a.average[at] += share * (a.weights[at] - a.average[at]);
}
