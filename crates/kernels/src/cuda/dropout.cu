// Dropout whose masks are those that the CPU draws.

#include "common.cuh"

// A thread takes four elements, whose draws are two words of one block of the generator: `first` is a multiple of four.
extern "C" __global__ void dropout(const float* xs, float* ys, u64 count, const Draws draws) {
    u64 at = 4 * ((u64)blockIdx.x * blockDim.x + threadIdx.x);
    if (at >= count) return;
    u64 draw = draws.first + at;
    u32 words[16];
    chacha8(draws, draw / 32, words);
    u32 low = 0, high = 0;
#pragma unroll
    for (int i = 0; i < 16; i += 2) {
        if (draw % 32 / 2 == i) {
            low = words[i];
            high = words[i + 1];
        }
    }
    const u32 bits[4] = {low & 0xffff, low >> 16, high & 0xffff, high >> 16};
#pragma unroll
    for (int i = 0; i < 4; i++)
        if (at + i < count) ys[at + i] = xs[at + i] * (bits[i] >= draws.threshold ? draws.keep : 0.f);
}
