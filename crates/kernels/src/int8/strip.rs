//! The integer sums of some rows with some panels of weights: the one thing that differs between targets.

// Vector instructions are unsafe to call: see `Kernel::run` for what every kernel may rely on.
#![allow(unsafe_code)]

#[cfg(target_arch = "aarch64")]
mod neon;
mod scalar;
#[cfg(target_arch = "wasm32")]
mod wasm;
#[cfg(target_arch = "x86_64")]
mod x86;

/// Outputs of a panel: one register of AVX-512, two of AVX2, four of 128 bits.
pub(super) const PANEL: usize = 16;

/// What a kernel works on.
#[derive(Debug)]
pub(super) struct Strip<'a> {
    /// `[count, depth]`, in 0..=127.
    pub(super) rows: &'a [u8],
    pub(super) count: usize,
    /// A multiple of four.
    pub(super) depth: usize,
    /// `[panels, depth / 4, PANEL, 4]`, in −127..=127.
    pub(super) weights: &'a [i8],
    pub(super) panels: usize,
    /// `[count, panels · PANEL]`, overwritten.
    pub(super) sums: &'a mut [i32],
}

/// One way to compute a [`Strip`]. All give the same integers.
#[derive(Debug, Clone, Copy)]
pub struct Kernel {
    /// By its instructions: `avx512-vnni`, `avx2`, `neon-sdot`, `wasm-relaxed`, `wasm-simd128`, `scalar`.
    pub name: &'static str,
    /// # Safety
    /// The slices of the strip must have the lengths that their shapes say, `depth` must be a multiple of four, and
    /// the machine must have the instructions.
    strip: unsafe fn(&mut Strip),
}

impl Kernel {
    pub(super) fn run(&self, strip: &mut Strip) {
        let width = strip.panels * PANEL;
        assert!(strip.depth.is_multiple_of(4));
        assert_eq!(strip.rows.len(), strip.count * strip.depth);
        assert_eq!(strip.weights.len(), width * strip.depth);
        assert_eq!(strip.sums.len(), strip.count * width);
        // SAFETY: the lengths are checked above. A `Kernel` exists only in `kernels`, for instructions that the machine
        // was asked for there.
        unsafe { (self.strip)(strip) }
    }
}

/// The kernels that run on this machine, the fastest first; the scalar twin is the last.
pub fn kernels() -> Vec<Kernel> {
    let scalar = Kernel {
        name: "scalar",
        strip: scalar::strip,
    };
    let mut kernels = Vec::new();
    #[cfg(target_arch = "x86_64")]
    kernels.extend(x86::kernels());
    #[cfg(target_arch = "aarch64")]
    kernels.extend(neon::kernels());
    #[cfg(target_arch = "wasm32")]
    kernels.extend(wasm::kernels());
    kernels.push(scalar);
    kernels
}

/// Gets the fastest kernel ready and says which it is. Only wasm has anything to get ready; whoever does not call this
/// there has the kernel that runs in every browser.
pub fn prepare() -> Kernel {
    #[cfg(target_arch = "wasm32")]
    wasm::relaxed::install();
    kernels()[0]
}

/// The first of [`kernels`].
#[cfg(not(target_arch = "wasm32"))]
pub(super) fn best() -> Kernel {
    static BEST: std::sync::OnceLock<Kernel> = std::sync::OnceLock::new();
    *BEST.get_or_init(|| kernels()[0])
}

#[cfg(target_arch = "wasm32")]
pub(super) use wasm::{best, quantise};
