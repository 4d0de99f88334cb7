//! Linker flags of a Node addon, and of a WebAssembly module.

fn main() {
    napi_build::setup();
    // What napi-rs imports comes from lib/wasm/napi.js, which calls functions by their place in the table.
    if std::env::var("CARGO_CFG_TARGET_ARCH").as_deref() == Ok("wasm32") {
        println!("cargo::rustc-cdylib-link-arg=--import-undefined");
        println!("cargo::rustc-cdylib-link-arg=--export-table");
    }
}
