//! Python package.
