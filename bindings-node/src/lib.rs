//! Enters: bytes and options as JSON text. Leaves: bytes, and events as JSON text, one value per call (objects cost
//! far more at this border). Kept: the core's own objects. `classes.js` turns the text into objects.

#![allow(clippy::needless_pass_by_value)] // JavaScript has no strings to lend

mod collector;
mod convert;
mod events;
mod streams;
