//! The web worker that holds the model; built by Trunk as a module worker. See `spanarc_wasm::protocol`.

fn main() {
    spanarc_wasm::worker::start();
}
