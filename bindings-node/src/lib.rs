//! Input: bytes and options as JSON text. Output: bytes, and events as JSON text, one value per call (objects cost
//! far more at this border); images go to a file or a function meanwhile. State: the core's own objects. `transcoders.js`
//! and `images.js` turn the text into objects.

#![allow(clippy::needless_pass_by_value)] // JavaScript has no strings to lend

mod collector;
mod continuation;
mod convert;
mod events;
mod frames;
mod open;
mod routes;
mod tee;

// Public, or functions and aliases that only JavaScript knows would count as unused.
pub mod bodies;
pub mod images;
pub mod per_event;
pub mod requests;
pub mod streams;
pub mod websocket;
