//! Lets the kernel with relaxed instructions be put into the program's table of functions: see `spanarc_kernels::int8`.

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    if std::env::var("CARGO_CFG_TARGET_ARCH").is_ok_and(|target| target == "wasm32") {
        println!("cargo::rustc-link-arg=--growable-table");
    }
}
