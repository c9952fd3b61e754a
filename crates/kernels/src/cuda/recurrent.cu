// GRU and LSTM over padded batches: all steps of a sequence in one direction are one block, whose state never leaves it. Kernels
// for a width known beforehand (WIDTH, else 0) also keep the weights in registers, a thread a row of them or a column of a gate's.

#include "common.cuh"

struct Shape {
    u32 batch, steps, directions, hidden;
    // Bit d is set where direction d reads from a sequence's last step to its first.
    u32 reversed;
};

__device__ __forceinline__ u32 place(const Shape& shape, u32 direction, u32 length, u32 count) {
    return shape.reversed >> direction & 1 ? length - 1 - count : count;
}

// `projected` [batch, steps, directions, G·hidden], `transposed` [directions, hidden, G·hidden], `bias` [directions, G·hidden] to
// `states` [batch, steps, directions, hidden], zero at padding, and what the way back needs:
// `previous` [directions, batch, steps, hidden], each step's state before it, zero at padding, and
// `trace` [batch, steps, directions, 4 or 5, hidden]: r, z, n and the state's part of n; or i, f, g, o and the memory.
template <int G, int WIDTH>
__device__ __forceinline__ void forward(const float* projected, const float* transposed, const float* bias, const u32* lengths,
                                        float* states, float* previous, float* trace, const Shape& shape) {
    extern __shared__ float shared[];
    const u32 H = shape.hidden, D = shape.directions, gates = G * H, sequence = blockIdx.x, direction = blockIdx.y;
    const u32 length = lengths[sequence];
    float *h = shared, *memory = h + H, *product = memory + H, *input = product + gates;
    transposed += (u64)direction * H * gates;
    bias += (u64)direction * gates;
    previous += ((u64)direction * shape.batch + sequence) * shape.steps * H;
    for (u32 j = threadIdx.x; j < H; j += blockDim.x) h[j] = memory[j] = 0.f;
    float own[WIDTH ? WIDTH : 1];
#pragma unroll
    for (int k = 0; k < WIDTH; k++) own[k] = transposed[(u64)k * gates + threadIdx.x];
    for (u32 count = 0; count < length; count++) {
        const u32 step = place(shape, direction, length, count);
        const u64 row = ((u64)sequence * shape.steps + step) * D + direction;
        __syncthreads();
        for (u32 r = threadIdx.x; r < gates; r += blockDim.x) {
            float from_input = projected[row * gates + r], sum = bias[r];
            if (WIDTH) {
#pragma unroll
                for (int k = 0; k < WIDTH; k += 4) {
                    const float4 part = *(const float4*)(h + k);
                    sum += own[k] * part.x + own[k + 1] * part.y + own[k + 2] * part.z + own[k + 3] * part.w;
                }
            } else {
                const float* column = transposed + r;
#pragma unroll 8
                for (u32 k = 0; k < H; k++) sum += column[(u64)k * gates] * h[k];
            }
            product[r] = sum;
            input[r] = from_input;
        }
        __syncthreads();
        for (u32 j = threadIdx.x; j < H; j += blockDim.x) {
            float* kept = trace + row * (G + 1) * H + j;
            const float before = h[j];
            float state;
            if (G == 3) {
                const float r = sigmoid(input[j] + product[j]), z = sigmoid(input[H + j] + product[H + j]);
                const float n = tanhf(input[2 * H + j] + r * product[2 * H + j]);
                state = n + z * (before - n);
                kept[0] = r;
                kept[H] = z;
                kept[2 * H] = n;
                kept[3 * H] = product[2 * H + j];
            } else {
                const float i = sigmoid(input[j] + product[j]), f = sigmoid(input[H + j] + product[H + j]);
                const float g = tanhf(input[2 * H + j] + product[2 * H + j]), o = sigmoid(input[3 * H + j] + product[3 * H + j]);
                memory[j] = f * memory[j] + i * g;
                state = o * tanhf(memory[j]);
                kept[0] = i;
                kept[H] = f;
                kept[2 * H] = g;
                kept[3 * H] = o;
                kept[4 * H] = memory[j];
            }
            previous[(u64)step * H + j] = before;
            states[row * H + j] = state;
            h[j] = state;
        }
    }
    for (u32 step = length; step < shape.steps; step++) {
        const u64 row = ((u64)sequence * shape.steps + step) * D + direction;
        for (u32 j = threadIdx.x; j < H; j += blockDim.x) states[row * H + j] = previous[(u64)step * H + j] = 0.f;
    }
}

// From `grad` [batch, steps, directions, hidden] to the gradients of the gates before their functions: `of_input`
// [batch, steps, directions, G·hidden] by the input's part, `of_state` [directions, batch, steps, G·hidden] by the state's; both
// zero at padding. `weight` is [directions, G·hidden, hidden]. `parts` is the number of parts that a step's product is cut into.
template <int G, int WIDTH>
__device__ __forceinline__ void backward(const float* weight, const u32* lengths, const float* trace, const float* previous,
                                         const float* grad, float* of_input, float* of_state, const Shape& shape, u32 parts) {
    extern __shared__ float shared[];
    const u32 H = shape.hidden, D = shape.directions, gates = G * H, sequence = blockIdx.x, direction = blockIdx.y;
    const u32 length = lengths[sequence];
    float *dh = shared, *dm = dh + H, *g = dm + H, *partial = g + gates;
    weight += (u64)direction * gates * H;
    previous += ((u64)direction * shape.batch + sequence) * shape.steps * H;
    of_state += ((u64)direction * shape.batch + sequence) * shape.steps * gates;
    for (u32 j = threadIdx.x; j < H; j += blockDim.x) dh[j] = dm[j] = 0.f;
    float own[WIDTH ? WIDTH : 1];
#pragma unroll
    for (int i = 0; i < WIDTH; i++) own[i] = weight[((u64)(threadIdx.x / (WIDTH ? WIDTH : 1)) * WIDTH + i) * WIDTH + threadIdx.x % (WIDTH ? WIDTH : 1)];
    for (u32 count = length; count-- > 0;) {
        const u32 step = place(shape, direction, length, count);
        const u64 row = ((u64)sequence * shape.steps + step) * D + direction;
        // A thread meets the same units here and where it added up what the later step handed back.
        for (u32 j = threadIdx.x; j < H; j += blockDim.x) {
            const float* kept = trace + row * (G + 1) * H + j;
            const float total = grad[row * H + j] + dh[j];
            float* input = of_input + row * gates + j;
            float* state = of_state + (u64)step * gates + j;
            if (G == 3) {
                const float r = kept[0], z = kept[H], n = kept[2 * H], product = kept[3 * H];
                const float of_n = total * (1.f - z) * (1.f - n * n);
                const float of_z = total * (previous[(u64)step * H + j] - n) * z * (1.f - z);
                const float of_r = of_n * product * r * (1.f - r);
                input[0] = state[0] = g[j] = of_r;
                input[H] = state[H] = g[H + j] = of_z;
                input[2 * H] = of_n;
                state[2 * H] = g[2 * H + j] = of_n * r;
                dh[j] = total * z;
            } else {
                const float i = kept[0], f = kept[H], candidate = kept[2 * H], o = kept[3 * H], squashed = tanhf(kept[4 * H]);
                float memory_before = 0.f;
                if (count > 0) {
                    const u32 before = place(shape, direction, length, count - 1);
                    memory_before = trace[((((u64)sequence * shape.steps + before) * D + direction) * (G + 1) + 4) * H + j];
                }
                const float of_memory = dm[j] + total * o * (1.f - squashed * squashed);
                const float of_i = of_memory * candidate * i * (1.f - i), of_f = of_memory * memory_before * f * (1.f - f);
                const float of_g = of_memory * i * (1.f - candidate * candidate), of_o = total * squashed * o * (1.f - o);
                input[0] = state[0] = g[j] = of_i;
                input[H] = state[H] = g[H + j] = of_f;
                input[2 * H] = state[2 * H] = g[2 * H + j] = of_g;
                input[3 * H] = state[3 * H] = g[3 * H + j] = of_o;
                dm[j] = of_memory * f;
                dh[j] = 0.f;
            }
        }
        __syncthreads();
        for (u32 item = threadIdx.x; item < parts * H; item += blockDim.x) {
            const u32 part = item / H, k = item % H;
            const u32 first = (u64)gates * part / parts, last = (u64)gates * (part + 1) / parts;
            float sum = 0.f;
            if (WIDTH) {
#pragma unroll
                for (int i = 0; i < WIDTH; i += 4) {
                    const float4 gate = *(const float4*)(g + first + i);
                    sum += own[i] * gate.x + own[i + 1] * gate.y + own[i + 2] * gate.z + own[i + 3] * gate.w;
                }
            } else {
                const float* column = weight + k;
#pragma unroll 8
                for (u32 r = first; r < last; r++) sum += g[r] * column[(u64)r * H];
            }
            partial[item] = sum;
        }
        __syncthreads();
        for (u32 j = threadIdx.x; j < H; j += blockDim.x) {
            float sum = dh[j];
            for (u32 part = 0; part < parts; part++) sum += partial[part * H + j];
            dh[j] = sum;
        }
    }
    for (u32 step = length; step < shape.steps; step++) {
        const u64 row = ((u64)sequence * shape.steps + step) * D + direction;
        for (u32 r = threadIdx.x; r < gates; r += blockDim.x) of_input[row * gates + r] = of_state[(u64)step * gates + r] = 0.f;
    }
}

#define FORWARD(name, G, WIDTH, THREADS)                                                                                        \
    extern "C" __global__ void __launch_bounds__(THREADS)                                                                       \
        name(const float* projected, const float* transposed, const float* bias, const u32* lengths, float* states,             \
             float* previous, float* trace, const Shape shape) {                                                                \
        forward<G, WIDTH>(projected, transposed, bias, lengths, states, previous, trace, shape);                                \
    }

#define BACKWARD(name, G, WIDTH, THREADS)                                                                                       \
    extern "C" __global__ void __launch_bounds__(THREADS)                                                                       \
        name(const float* weight, const u32* lengths, const float* trace, const float* previous, const float* grad,             \
             float* of_input, float* of_state, const Shape shape, u32 parts) {                                                  \
        backward<G, WIDTH>(weight, lengths, trace, previous, grad, of_input, of_state, shape, parts);                           \
    }

#define BOTH(cell, G)                       \
    FORWARD(cell, G, 0, 1024)               \
    FORWARD(cell##_32, G, 32, G * 32)       \
    FORWARD(cell##_64, G, 64, G * 64)       \
    BACKWARD(cell##_backward, G, 0, 1024)   \
    BACKWARD(cell##_backward_32, G, 32, G * 32) \
    BACKWARD(cell##_backward_64, G, 64, G * 64)

BOTH(gru, 3)
BOTH(lstm, 4)
// The weights of as wide an LSTM do not fit into the registers of a block.
FORWARD(gru_128, 3, 128, 384)
BACKWARD(gru_backward_128, 3, 128, 384)
