//! The web worker that holds the model; built by Trunk as a module worker. See `spanarc_protocol`.

fn main() {
    spanarc_worker::worker::start();
}
