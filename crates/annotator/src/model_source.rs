//! Where a model and its program come from.

use std::rc::Rc;

/// The addresses of a model and of the program that runs it. Annotators with the same ones share a worker.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ModelSource {
    /// Absolute address of the model's file.
    pub url: Rc<str>,
    /// Absolute address of the script that a worker starts with.
    pub worker_url: Rc<str>,
    /// Absolute address of the worker's WebAssembly.
    pub wasm_url: Rc<str>,
}
