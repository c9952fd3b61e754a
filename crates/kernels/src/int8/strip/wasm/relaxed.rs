//! The relaxed dot product, which multiplies sixteen pairs of bytes and adds them up by fours in one instruction.
//!
//! A module that holds a relaxed instruction is refused whole where the browser knows none, and a second build of
//! everything for those that do would be a second download to keep. So the kernel is a module of its own, a kilobyte in
//! this one (`relaxed.wat`), instantiated over the same memory and put into the same table of functions: a call costs
//! what any call through a pointer costs.

use js_sys::{Function, Object, Reflect, Uint8Array, WebAssembly};
use wasm_bindgen::{JsCast, JsValue};

use super::{BEST, Kernel, Strip};

/// `relaxed.wat` as bytes; a test holds the two together.
const MODULE: &[u8] = include_bytes!("relaxed.wasm");

/// `(rows, count, depth, weights, panels, sums)`, pointers and numbers of the strip.
type Tile = unsafe extern "C" fn(*const u8, usize, usize, *const i8, usize, *mut i32);

std::thread_local! {
    static TILE: std::cell::Cell<Option<Tile>> = const { std::cell::Cell::new(None) };
}

/// Makes products use the relaxed dot product from now on, if the browser has it and lets modules be compiled.
pub(in crate::int8::strip) fn install() {
    if TILE.get().is_none() {
        TILE.set(instantiate().ok());
    }
    if let Some(kernel) = kernel() {
        BEST.set(kernel);
    }
}

/// The kernel, once it is installed.
pub(super) fn kernel() -> Option<Kernel> {
    TILE.get().map(|_| Kernel {
        name: "wasm-relaxed",
        strip,
    })
}

fn instantiate() -> Result<Tile, JsValue> {
    let bytes = Uint8Array::from(MODULE);
    let module = WebAssembly::Module::new(&bytes)?;
    let (imports, env) = (Object::new(), Object::new());
    Reflect::set(&env, &"memory".into(), &wasm_bindgen::memory())?;
    Reflect::set(&imports, &"env".into(), &env)?;
    let instance = WebAssembly::Instance::new(&module, &imports)?;
    let strip: Function = Reflect::get(&instance.exports(), &"strip".into())?.dyn_into()?;
    let table: WebAssembly::Table = wasm_bindgen::function_table().dyn_into()?;
    let index = table.grow(1)?;
    table.set(index, &strip)?;
    // SAFETY: on wasm a function pointer is an index into the module's table, and there stands a function of these
    // parameters (all i32 on wasm32) without a result. Nothing ever takes it away.
    Ok(unsafe { std::mem::transmute::<usize, Tile>(index as usize) })
}

/// # Safety
/// As [`Kernel`] says.
unsafe fn strip(strip: &mut Strip) {
    if let Some(tile) = TILE.get() {
        // SAFETY: the module reads and writes what the shapes say, and the slices are as long, says the caller.
        unsafe {
            tile(
                strip.rows.as_ptr(),
                strip.count,
                strip.depth,
                strip.weights.as_ptr(),
                strip.panels,
                strip.sums.as_mut_ptr(),
            );
        }
    }
}
