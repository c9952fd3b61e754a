//! Where a model and its program come from.

use std::rc::Rc;

/// The most workers that share a text.
pub const MAX_WORKERS: u32 = 4;

/// The addresses of a model and of the program that runs it. Annotators with equal ones share their workers.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ModelSource {
    /// Absolute address of the model's file.
    pub url: Rc<str>,
    /// Absolute address of the script that a worker starts with.
    pub worker_url: Rc<str>,
    /// Absolute address of the worker's WebAssembly.
    pub wasm_url: Rc<str>,
    /// How many workers may share a long text, 1 to [`MAX_WORKERS`]; what the device has cores for when `None`. Each holds a
    /// model, and all but the first come and go with the work.
    pub workers: Option<u32>,
}

impl ModelSource {
    /// How many workers may share a text on a device with so many cores: one core is left to the page.
    pub(crate) fn workers_on(&self, cores: u32) -> u32 {
        let workers = self.workers.unwrap_or(cores.saturating_sub(1));
        workers.clamp(1, MAX_WORKERS)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_many_workers_as_are_wanted_or_as_the_device_has_cores_to_spare_up_to_four() {
        let on = |workers, cores| {
            let source = ModelSource {
                url: "".into(),
                worker_url: "".into(),
                wasm_url: "".into(),
                workers,
            };
            source.workers_on(cores)
        };
        assert_eq!(
            [0, 1, 2, 3, 16].map(|cores| on(None, cores)),
            [1, 1, 1, 2, 4]
        );
        assert_eq!([0, 2, 9].map(|workers| on(Some(workers), 1)), [1, 2, 4]);
    }
}
