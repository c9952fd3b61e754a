//! What a GPU runs, run on the CPU: the compositions of Candle's operations in place of the fused kernels.
//!
//! The switch holds for the whole process, so that this is the only test in its program.

// Helpers of tests may unwrap as the tests do.
#![allow(clippy::unwrap_used)]

mod masked_language;
mod one_step;

use masked_language::MaskedLanguage;
use one_step::{assert_same_predictions, configurations, step};
use spanarc_model::host;
use spanarc_train::Device;

#[test]
fn a_step_without_the_fused_kernels_is_the_same_step() {
    let cpu = Device::Cpu;
    for config in configurations() {
        let fused = step(&config, &cpu);
        let expected = fused.predictions(&cpu);
        host::leave_out_kernels(true);
        let composed = step(&config, &cpu);
        let found = fused.predictions(&cpu);
        host::leave_out_kernels(false);
        fused.assert_near(&composed, &config.name);
        assert_same_predictions(&expected, &found, &config.name);
    }
    let fused = MaskedLanguage::new(&cpu);
    host::leave_out_kernels(true);
    let composed = MaskedLanguage::new(&cpu);
    host::leave_out_kernels(false);
    fused.assert_near(&composed);
}
