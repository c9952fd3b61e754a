// What several kernels share.

#pragma once

typedef unsigned int u32;
typedef unsigned long long u64;

#define WARP 32
#define EVERY_LANE 0xffffffffu

__device__ __forceinline__ float warp_sum(float x) {
    for (int offset = WARP / 2; offset; offset /= 2) x += __shfl_xor_sync(EVERY_LANE, x, offset);
    return x;
}

__device__ __forceinline__ double warp_sum(double x) {
    for (int offset = WARP / 2; offset; offset /= 2) x += __shfl_xor_sync(EVERY_LANE, x, offset);
    return x;
}

__device__ __forceinline__ float warp_max(float x) {
    for (int offset = WARP / 2; offset; offset /= 2) x = fmaxf(x, __shfl_xor_sync(EVERY_LANE, x, offset));
    return x;
}

__device__ __forceinline__ float sigmoid(float x) { return 1.f / (1.f + expf(-x)); }

// What a mask is drawn from; `Draws` in dropout.rs. The generator is rand_chacha's ChaCha8: a 64-bit counter of blocks and a
// 64-bit number of the sequence, so that any part of a sequence can be computed by itself.
struct Draws {
    u32 key[8];
    u64 stream;
    // Half a word, 16 bits, is a draw; the first one's number.
    u64 first;
    // A draw below it drops an element.
    u32 threshold;
    // Factor of the elements that are kept.
    float keep;
};

__device__ __forceinline__ u32 rotated(u32 x, int bits) { return __funnelshift_l(x, x, bits); }

#define QUARTER_ROUND(a, b, c, d)                            \
    a += b; d = rotated(d ^ a, 16); c += d; b = rotated(b ^ c, 12); \
    a += b; d = rotated(d ^ a, 8);  c += d; b = rotated(b ^ c, 7);

// The 16 words of a block.
__device__ __forceinline__ void chacha8(const Draws& draws, u64 block, u32 words[16]) {
    const u32 start[16] = {
        0x61707865, 0x3320646e, 0x79622d32, 0x6b206574,
        draws.key[0], draws.key[1], draws.key[2], draws.key[3],
        draws.key[4], draws.key[5], draws.key[6], draws.key[7],
        (u32)block, (u32)(block >> 32), (u32)draws.stream, (u32)(draws.stream >> 32),
    };
    u32 x[16];
#pragma unroll
    for (int i = 0; i < 16; i++) x[i] = start[i];
#pragma unroll
    for (int round = 0; round < 4; round++) {
        QUARTER_ROUND(x[0], x[4], x[8], x[12])
        QUARTER_ROUND(x[1], x[5], x[9], x[13])
        QUARTER_ROUND(x[2], x[6], x[10], x[14])
        QUARTER_ROUND(x[3], x[7], x[11], x[15])
        QUARTER_ROUND(x[0], x[5], x[10], x[15])
        QUARTER_ROUND(x[1], x[6], x[11], x[12])
        QUARTER_ROUND(x[2], x[7], x[8], x[13])
        QUARTER_ROUND(x[3], x[4], x[9], x[14])
    }
#pragma unroll
    for (int i = 0; i < 16; i++) words[i] = x[i] + start[i];
}
