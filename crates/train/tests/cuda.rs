//! A step on the first NVIDIA GPU and on the CPU. Skipped, in so many words, where there is none to be used.

// Helpers of tests may unwrap as the tests do.
#![allow(clippy::unwrap_used)]

mod masked_language;
mod one_step;
mod operations;

use masked_language::MaskedLanguage;
use one_step::{assert_same_predictions, configurations, step};
use spanarc_train::{Device, DeviceName};

/// The first GPU; none, in so many words, where there is none to be used.
fn gpu() -> Option<Device> {
    DeviceName::Cuda(0)
        .open()
        .inspect_err(|error| eprintln!("skipped: {error}"))
        .ok()
}

#[test]
fn parts_of_the_network_are_the_same_on_the_gpu_and_on_the_cpu() {
    if let Some(gpu) = gpu() {
        operations::assert_near(&Device::Cpu, &gpu);
    }
}

#[test]
fn a_step_on_the_gpu_is_the_step_on_the_cpu() {
    let Some(gpu) = gpu() else {
        return;
    };
    let cpu = Device::Cpu;
    for config in configurations() {
        let (on_cpu, on_gpu) = (step(&config, &cpu), step(&config, &gpu));
        on_cpu.assert_near(&on_gpu, &config.name);
        assert_same_predictions(
            &on_cpu.predictions(&cpu),
            &on_cpu.predictions(&gpu),
            &config.name,
        );
    }
    MaskedLanguage::new(&cpu).assert_near(&MaskedLanguage::new(&gpu));
}
