//! Whether a name is of this machine alone.
//!
//! Input: a name or an address. Output: yes or no. State: none.

use std::net::IpAddr;

pub(crate) fn is_loopback(name: &str) -> bool {
    let address = name.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>();
    name.eq_ignore_ascii_case("localhost") || address.is_ok_and(|address| address.is_loopback())
}
