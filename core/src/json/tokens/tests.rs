use super::{Begun, Piece, Token, Tokenizer};
use crate::json::{SurrogatePairs, walk};

/// Values as a line: brackets, `k:` before keys, decoded strings and numbers, `lit`.
fn read(chunks: &[&[u8]]) -> Option<String> {
    let (mut tokens, mut line, mut units) = (Tokenizer::default(), Vec::new(), SurrogatePairs::default());
    for chunk in chunks {
        let mut at = 0;
        while let Some(token) = tokens.next(chunk, &mut at).ok()? {
            match token {
                Token::Open { is_object } => line.push(if is_object { b'{' } else { b'[' }),
                Token::Close => line.push(b'>'),
                Token::Begin(Begun::Key) => line.extend(b" k:"),
                Token::Begin(_) => line.push(b' '),
                Token::Piece(piece) => units.push(piece, &mut |bytes| line.extend(bytes)),
                Token::End => units.end(&mut |bytes| line.extend(bytes)),
                Token::Literal => line.extend(b" lit"),
            }
        }
    }
    tokens.is_complete().then(|| String::from_utf8_lossy(&line).into_owned())
}

const VALID: [(&str, &str); 9] = [
    ("{}", "{>"),
    (" { } ", "{>"),
    (r#"{"a":1}"#, "{ k:a 1>"),
    (r#"{"a":[],"b":{},"c":[1,"x",[true]]}"#, "{ k:a[> k:b{> k:c[ 1 x[ lit>>>"),
    (r#"{"n":-0.5e+10,"m":0,"o":1E9 , "p" : 12.5 }"#, "{ k:n -0.5e+10 k:m 0 k:o 1E9 k:p 12.5>"),
    (r#"{"a":true,"b":false,"c":null}"#, "{ k:a lit k:b lit k:c lit>"),
    (r#"{"\u0061\"":"\/\b\n\u00e9\ud83d\ude00\ud800x"}"#, "{ k:a\" /\u{8}\né😀\u{fffd}x>"),
    (r#"{"a":"é\t"}"#, "{ k:a é\t>"),
    ("{\n\"a\"\r:\t[ ]}", "{ k:a[>>"),
];

const INVALID: [&str; 33] = [
    "",
    " ",
    "{",
    "}",
    "{]",
    "[}",
    r#"{"a"}"#,
    r#"{"a":}"#,
    r#"{"a":1,}"#,
    r#"{"a":1 2}"#,
    "{a:1}",
    r#"{"a":01}"#,
    r#"{"a":-}"#,
    r#"{"a":1.}"#,
    r#"{"a":.5}"#,
    r#"{"a":1e}"#,
    r#"{"a":+1}"#,
    r#"{"a":tru}"#,
    r#"{"a":truex}"#,
    r#"{"a":nul"#,
    r#"{"a":"\x"}"#,
    r#"{"a":"\u12g4"}"#,
    "{\"a\":\"\n\"}",
    r#"{"a":"x"#,
    r#"{"a":[1,]}"#,
    r#"{"a":[,1]}"#,
    r#"{"a":[1 2]}"#,
    "{,}",
    "{} {}",
    r#"{"a":1}]"#,
    r#"{"a":1]"#,
    "[1}",
    "{},{}",
];

#[test]
fn tokens_do_not_depend_on_cuts() {
    for (json, line) in VALID {
        let bytes = json.as_bytes();
        assert_eq!(read(&[bytes]).as_deref(), Some(line), "{json}");
        assert_eq!(read(&bytes.chunks(1).collect::<Vec<_>>()).as_deref(), Some(line), "{json}");
        for at in 0..bytes.len() {
            assert_eq!(read(&[&bytes[..at], &bytes[at..]]).as_deref(), Some(line), "{json} at {at}");
        }
    }
}

#[test]
fn as_strict_as_walk() {
    let deep = |depth| [r#"{"a":"#.repeat(depth), "1".to_owned(), "}".repeat(depth)].concat();
    let deep = [deep(128), deep(200)];
    let all = VALID.iter().map(|(json, _)| *json).chain(INVALID).chain(deep.iter().map(String::as_str));
    for json in all {
        let is_valid = walk(json.as_bytes(), |_, _| {}).is_ok();
        assert_eq!(read(&[json.as_bytes()]).is_some(), is_valid, "{json}");
        assert_eq!(read(&json.as_bytes().chunks(1).collect::<Vec<_>>()).is_some(), is_valid, "{json}");
    }
    assert!(INVALID.iter().all(|json| read(&[json.as_bytes()]).is_none()));
}

#[test]
fn trusted_text_ends_like_any_other() {
    let mut tokens = Tokenizer::default();
    let json = br#"{"a":"xy\/z","b":"c"}"#;
    let (mut at, mut seen) = (0, Vec::new());
    while let Ok(Some(token)) = tokens.next(json, &mut at) {
        if token == Token::Begin(Begun::Text) {
            tokens.trust_text();
        }
        if let Token::Piece(Piece::Plain(run)) = token {
            seen.push(run);
        }
    }
    assert!(tokens.is_complete());
    assert_eq!(seen, [&b"a"[..], b"xy", b"z", b"b", b"c"]);
}
