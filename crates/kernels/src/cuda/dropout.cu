// Dropout whose masks are those that the CPU draws.

#include "common.cuh"

#define WARPS 4

// A warp computes 32 blocks of the generator, a block a lane, and applies them to 1024 elements.
extern "C" __global__ void dropout(const float* xs, float* ys, u64 count, const Draws draws) {
    __shared__ u32 shared[WARPS][16][WARP + 1];
    int lane = threadIdx.x % WARP, warp = threadIdx.x / WARP;
    u64 first_block = draws.first / 32 + ((u64)blockIdx.x * WARPS + warp) * WARP;
    u32 words[16];
    chacha8(draws, first_block + lane, words);
#pragma unroll
    for (int i = 0; i < 16; i++) shared[warp][i][lane] = words[i];
    __syncwarp();
    for (int half = lane; half < 32 * WARP; half += WARP) {
        u64 draw = first_block * 32 + half;
        if (draw < draws.first || draw - draws.first >= count) continue;
        u32 word = shared[warp][half % 32 / 2][half / 32];
        u32 bits = (word >> (half % 2 * 16)) & 0xffff;
        u64 at = draw - draws.first;
        ys[at] = xs[at] * (bits >= draws.threshold ? draws.keep : 0.f);
    }
}
