//! Node package.
