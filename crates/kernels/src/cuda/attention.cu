// Attention of several heads over padded windows: `attention.rs` of the CPU, a warp for a row.

#include "common.cuh"

#define ROWS 8

struct Shape {
    u32 windows, heads, size, pieces;
    float scale;
};

// Factor of element `at` of the mask.
__device__ __forceinline__ float kept(const Draws& draws, u64 at) {
    u64 draw = draws.first + at;
    u32 words[16];
    chacha8(draws, draw / 32, words);
    u32 word = 0;
#pragma unroll
    for (int i = 0; i < 16; i++)
        if (draw % 32 / 2 == i) word = words[i];
    return ((word >> (draw % 2 * 16)) & 0xffff) >= draws.threshold ? draws.keep : 0.f;
}

// Weights are packed as on the CPU: a block [pieces, pieces] for each head of each window, which begins with [length, length].
// `dropped` are the weights times their mask, or `weights` where nothing is dropped.
extern "C" __global__ void attention(const float* query, const float* key, const float* value, const u32* lengths, float* output,
                                     float* weights, float* dropped, const Shape shape, const Draws draws, int drops) {
    extern __shared__ float shared[];
    u32 row = blockIdx.x * ROWS + threadIdx.y, head = blockIdx.y, window = blockIdx.z, lane = threadIdx.x;
    if (row >= shape.pieces) return;
    u32 length = lengths[window], stride = shape.heads * shape.size;
    u64 start = (u64)window * shape.pieces * stride + head * shape.size;
    output += start + (u64)row * stride;
    if (row >= length) {
        for (u32 d = lane; d < shape.size; d += WARP) output[d] = 0.f;
        return;
    }
    query += start + (u64)row * stride;
    key += start;
    value += start;
    u64 block = ((u64)window * shape.heads + head) * shape.pieces * shape.pieces;
    weights += block + (u64)row * length;
    dropped += block + (u64)row * length;
    float* own = shared + threadIdx.y * (shape.pieces + shape.size);
    float* q = own + shape.pieces;
    for (u32 d = lane; d < shape.size; d += WARP) q[d] = query[d] * shape.scale;
    __syncwarp();
    float largest = -INFINITY;
    for (u32 at = lane; at < length; at += WARP) {
        const float* k = key + (u64)at * stride;
        float score = 0.f;
        for (u32 d = 0; d < shape.size; d++) score += q[d] * k[d];
        own[at] = score;
        largest = fmaxf(largest, score);
    }
    largest = warp_max(largest);
    float sum = 0.f;
    for (u32 at = lane; at < length; at += WARP) sum += own[at] = expf(own[at] - largest);
    float inverse = 1.f / warp_sum(sum);
    for (u32 at = lane; at < length; at += WARP) {
        float weight = own[at] * inverse;
        weights[at] = weight;
        if (drops) dropped[at] = weight *= kept(draws, block + (u64)row * length + at);
        own[at] = weight;
    }
    __syncwarp();
    for (u32 d = lane; d < shape.size; d += WARP) {
        float sum = 0.f;
        for (u32 at = 0; at < length; at++) sum += own[at] * value[(u64)at * stride + d];
        output[d] = sum;
    }
}

// The gradients of the queries, and of the scores before their scaling, packed as the weights are.
extern "C" __global__ void attention_backward_query(const float* key, const float* value, const u32* lengths, const float* weights,
                                                    const float* dropped, const float* grad, float* of_query, float* of_scores,
                                                    const Shape shape) {
    extern __shared__ float shared[];
    u32 row = blockIdx.x * ROWS + threadIdx.y, head = blockIdx.y, window = blockIdx.z, lane = threadIdx.x;
    if (row >= shape.pieces) return;
    u32 length = lengths[window], stride = shape.heads * shape.size;
    u64 start = (u64)window * shape.pieces * stride + head * shape.size;
    of_query += start + (u64)row * stride;
    if (row >= length) {
        for (u32 d = lane; d < shape.size; d += WARP) of_query[d] = 0.f;
        return;
    }
    grad += start + (u64)row * stride;
    key += start;
    value += start;
    u64 block = ((u64)window * shape.heads + head) * shape.pieces * shape.pieces + (u64)row * length;
    weights += block;
    dropped += block;
    of_scores += block;
    float* own = shared + threadIdx.y * (shape.pieces + shape.size);
    float* g = own + shape.pieces;
    for (u32 d = lane; d < shape.size; d += WARP) g[d] = grad[d];
    __syncwarp();
    float mean = 0.f;
    for (u32 at = lane; at < length; at += WARP) {
        const float* v = value + (u64)at * stride;
        float product = 0.f;
        for (u32 d = 0; d < shape.size; d++) product += g[d] * v[d];
        own[at] = product * dropped[at];
        mean += own[at];
    }
    mean = warp_sum(mean);
    for (u32 at = lane; at < length; at += WARP) of_scores[at] = own[at] -= weights[at] * mean;
    __syncwarp();
    for (u32 d = lane; d < shape.size; d += WARP) {
        float sum = 0.f;
        for (u32 at = 0; at < length; at++) sum += own[at] * key[(u64)at * stride + d];
        of_query[d] = sum * shape.scale;
    }
}

// The gradients of keys and values: a warp for a piece that is attended to.
extern "C" __global__ void attention_backward_key(const float* query, const u32* lengths, const float* dropped, const float* grad,
                                                  const float* of_scores, float* of_key, float* of_value, const Shape shape) {
    u32 at = blockIdx.x * ROWS + threadIdx.y, head = blockIdx.y, window = blockIdx.z, lane = threadIdx.x;
    if (at >= shape.pieces) return;
    u32 length = lengths[window], stride = shape.heads * shape.size;
    u64 start = (u64)window * shape.pieces * stride + head * shape.size;
    u64 block = ((u64)window * shape.heads + head) * shape.pieces * shape.pieces;
    of_key += start + (u64)at * stride;
    of_value += start + (u64)at * stride;
    for (u32 d = lane; d < shape.size; d += WARP) {
        float for_key = 0.f, for_value = 0.f;
        if (at < length) {
            for (u32 row = 0; row < length; row++) {
                u64 place = block + (u64)row * length + at, there = start + (u64)row * stride + d;
                for_key += of_scores[place] * query[there];
                for_value += dropped[place] * grad[there];
            }
        }
        of_key[d] = for_key * shape.scale;
        of_value[d] = for_value;
    }
}
