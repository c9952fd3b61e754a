// Negative log-likelihoods of a linear-chain CRF with their gradients: `crf/lattice.rs` of the model, a block for a sentence.

#include "common.cuh"

struct Shape {
    u32 batch, tokens, tags;
};

// log Σ exp over `tags` values.
template <typename Value>
__device__ __forceinline__ double log_sum_exp(u32 tags, Value value) {
    double top = -INFINITY;
    for (u32 i = 0; i < tags; i++) top = fmax(top, value(i));
    if (top == -INFINITY) return top;
    double sum = 0.;
    for (u32 i = 0; i < tags; i++) sum += exp(value(i) - top);
    return top + log(sum);
}

// `emissions` [batch, tokens, tags]; `parameters` [tags + 2, tags]: transitions (from, to), start, end; `gold` [batch, tokens].
// To `losses` [batch]; `of_emissions` [batch, tokens, tags], marginals minus gold, zero at padding; and
// `of_parameters` [batch, tags + 2, tags]. `scratch` [2, batch, tokens, tags] takes the forward and the backward sums.
extern "C" __global__ void __launch_bounds__(256) crf(const float* emissions, const float* parameters, const u32* gold, const u32* lengths, float* losses,
                               float* of_emissions, float* of_parameters, double* scratch, const Shape shape) {
    const u32 T = shape.tags, sentence = blockIdx.x, length = lengths[sentence], half = blockDim.x / 2;
    const u64 start = (u64)sentence * shape.tokens * T;
    const float *steps = parameters, *into = steps + (u64)T * T, *out_of = into + T;
    const float* e = emissions + start;
    double* alpha = scratch + start;
    double* beta = scratch + (u64)shape.batch * shape.tokens * T + start;
    gold += (u64)sentence * shape.tokens;
    // One half of the threads goes forward while the other goes backward.
    const bool forward = threadIdx.x < half;
    for (u32 count = 0; count < length; count++) {
        for (u32 tag = threadIdx.x % half; tag < T; tag += half) {
            if (forward) {
                const u32 t = count;
                const double* before = alpha + (u64)(t - 1) * T;
                const double sum = t == 0 ? (double)into[tag]
                                          : log_sum_exp(T, [&](u32 from) { return before[from] + steps[(u64)from * T + tag]; });
                alpha[(u64)t * T + tag] = sum + e[(u64)t * T + tag];
            } else {
                const u32 t = length - 1 - count;
                const double* after = beta + (u64)(t + 1) * T;
                const float* there = e + (u64)(t + 1) * T;
                beta[(u64)t * T + tag] =
                    count == 0 ? (double)out_of[tag]
                               : log_sum_exp(T, [&](u32 to) { return (double)steps[(u64)tag * T + to] + there[to] + after[to]; });
            }
        }
        __syncthreads();
    }
    const double* end = alpha + (u64)(length - 1) * T;
    const double partition = log_sum_exp(T, [&](u32 tag) { return end[tag] + out_of[tag]; });
    if (threadIdx.x < WARP) {
        double score = 0.;
        for (u32 t = threadIdx.x; t < length; t += WARP) {
            score += e[(u64)t * T + gold[t]];
            if (t > 0) score += steps[(u64)gold[t - 1] * T + gold[t]];
        }
        score = warp_sum(score);
        if (threadIdx.x == 0) losses[sentence] = (float)(partition - (score + into[gold[0]] + out_of[gold[length - 1]]));
    }
    of_emissions += start;
    of_parameters += (u64)sentence * (T + 2) * T;
    const auto surplus = [&](u32 t, u32 tag) {
        return exp(alpha[(u64)t * T + tag] + beta[(u64)t * T + tag] - partition) - (gold[t] == tag ? 1. : 0.);
    };
    for (u32 at = threadIdx.x; at < shape.tokens * T; at += blockDim.x)
        of_emissions[at] = at < length * T ? (float)surplus(at / T, at % T) : 0.f;
    for (u32 at = threadIdx.x; at < T * T; at += blockDim.x) {
        const u32 from = at / T, to = at % T;
        double sum = 0.;
        for (u32 t = 0; t + 1 < length; t++) {
            sum += exp(alpha[(u64)t * T + from] + steps[at] + e[(u64)(t + 1) * T + to] + beta[(u64)(t + 1) * T + to] - partition);
            if (gold[t] == from && gold[t + 1] == to) sum -= 1.;
        }
        of_parameters[at] = (float)sum;
    }
    for (u32 tag = threadIdx.x; tag < T; tag += blockDim.x) {
        of_parameters[(u64)T * T + tag] = (float)surplus(0, tag);
        of_parameters[(u64)(T + 1) * T + tag] = (float)surplus(length - 1, tag);
    }
}

// The gradients of each sentence times that of its loss; those of the parameters summed up. `out` is [emissions, parameters].
extern "C" __global__ void crf_backward(const float* of_emissions, const float* of_parameters, const float* grad, float* out,
                                        const Shape shape) {
    const u64 emissions = (u64)shape.tokens * shape.tags, parameters = (u64)(shape.tags + 2) * shape.tags;
    const u64 at = (u64)blockIdx.x * blockDim.x + threadIdx.x;
    if (at < shape.batch * emissions) {
        out[at] = of_emissions[at] * grad[at / emissions];
    } else if (at < shape.batch * emissions + parameters) {
        double sum = 0.;
        for (u32 sentence = 0; sentence < shape.batch; sentence++)
            sum += (double)of_parameters[sentence * parameters + (at - shape.batch * emissions)] * grad[sentence];
        out[at] = (float)sum;
    }
}
