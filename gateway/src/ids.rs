//! Ids that nobody can guess.
//!
//! Input: the system's randomness. Output: ids. State: none.

/// 128 random bits, in hexadecimal, after the prefix.
pub(crate) fn random_id(prefix: &str) -> String {
    let mut bits = [0; 16];
    // Without randomness there is no id: one that can be guessed would be another client's conversation.
    match getrandom::fill(&mut bits) {
        Ok(()) => bits.iter().fold(prefix.to_owned(), |id, byte| format!("{id}{byte:02x}")),
        Err(_) => String::new(),
    }
}
