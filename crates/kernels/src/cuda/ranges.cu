// Element-wise maxima over ranges of rows.

#include "common.cuh"

// `ranges` are pairs of a first row and the one past the last. `places` are the rows of the maxima, the first of equals, or
// all ones where a range is empty and the maximum is `floor`.
extern "C" __global__ void range_maximum(const float* rows, const u32* ranges, float* maxima, u32* places, u64 count, u32 width,
                                         float floor) {
    u64 at = (u64)blockIdx.x * blockDim.x + threadIdx.x;
    if (at >= count) return;
    u32 range = at / width, column = at % width, first = ranges[2 * range], last = ranges[2 * range + 1], place = 0xffffffffu;
    float maximum = floor;
    for (u32 row = first; row < last; row++) {
        float value = rows[(u64)row * width + column];
        if (row == first || value > maximum) {
            maximum = value;
            place = row;
        }
    }
    maxima[at] = maximum;
    places[at] = place;
}

// The gradient of an element is the sum of those of the maxima that it is, in the order of the ranges.
extern "C" __global__ void range_maximum_backward(const float* grad, const u32* places, float* out, u64 elements, u32 ranges,
                                                  u32 width) {
    u64 at = (u64)blockIdx.x * blockDim.x + threadIdx.x;
    if (at >= elements) return;
    u32 row = at / width, column = at % width;
    float sum = 0.f;
    for (u32 range = 0; range < ranges; range++)
        if (places[(u64)range * width + column] == row) sum += grad[(u64)range * width + column];
    out[at] = sum;
}
