use super::splice::Edits;
use super::tree::Tree;
use super::{Progress, Str, SurrogatePairs, Value, scan, template_gap, walk, write};
use proptest::prelude::*;
use serde::de::IgnoredAny;

mod walks;

fn is_value(text: &str) -> bool {
    let text = text.as_bytes();
    scan::value(text, scan::space(text, 0)).is_ok_and(|end| scan::space(text, end) == text.len())
}

fn rest<'a>(streamed: &[&str], snapshot: &'a str) -> Option<&'a str> {
    let mut progress = Progress::default();
    for piece in streamed {
        progress.push(Str::from_raw(piece.as_bytes()));
    }
    progress.rest_of(Str::from_raw(snapshot.as_bytes())).map(|rest| std::str::from_utf8(rest.raw()).unwrap())
}

#[test]
fn values_are_what_serde_json_takes() {
    let yes = [
        "0",
        "-0",
        "1e999",
        "-1.5E+3",
        r#""\ud800""#,
        "[]",
        "{ }",
        "[1, {\"a\":[]}]",
        " null ",
        "\"\u{7f}\"",
    ];
    let no = [
        "",
        "01",
        "+1",
        ".5",
        "1.",
        "1e",
        "-",
        "tru",
        "nul",
        "[1,]",
        "{,}",
        "{\"a\"}",
        "{1:2}",
        "[",
        "\"\\x\"",
        "[1}",
        "{\"a\":1]",
    ];
    let no_controls =
        ["\"\n\"", "\"\u{1f}\"", "\"\\u12g4\"", "\"", "]", "{\"a\":}", "[1 2]", "1 2", "nullx", "{\"a\":1,}"];
    for (texts, expected) in [(&yes[..], true), (&no[..], false), (&no_controls[..], false)] {
        for text in texts {
            assert_eq!(is_value(text), expected, "{text}");
            assert_eq!(serde_json::from_str::<IgnoredAny>(text).is_ok(), expected, "{text}");
        }
    }
}

#[test]
fn what_has_a_short_escape_is_written_with_it() {
    let written = super::write::quoted("\u{8}\u{c}\n\r\t\u{1}\"\\");
    assert_eq!(String::from_utf8(written).unwrap(), r#""\b\f\n\r\t\u0001\"\\""#);
}

#[test]
fn a_number_too_large_is_no_integer() {
    let read = |json: &str| {
        Value::document(format!("{{\"n\":{json}}}").as_bytes()).unwrap().get("n").unwrap().as_u64()
    };
    assert_eq!(read("18446744073709551615"), Some(u64::MAX));
    assert_eq!(read("1.9e1"), Some(19));
    for none in ["18446744073709551616", "1e20", "-1", "-0.5", "\"1\"", "null"] {
        assert_eq!(read(none), None, "{none}");
    }
}

#[test]
fn depth_is_bounded_without_recursion() {
    let nested = |depth| "[".repeat(depth) + &"]".repeat(depth);
    assert!(is_value(&nested(128)));
    assert!(!is_value(&nested(129)));
    assert!(!is_value(&nested(100_000)));
    let object = |depth: usize| format!("{{\"a\":{}}}", nested(depth - 1));
    assert!(walk(object(128).as_bytes(), |_, _| {}).is_ok());
    assert!(walk(object(129).as_bytes(), |_, _| {}).is_err());
}

#[test]
fn a_string_can_end_anywhere_in_a_word() {
    for length in 0..40 {
        for special in ["\"", "\\n\"", "\u{1}"] {
            let text = format!("\"{}{special}", "x".repeat(length));
            assert_eq!(is_value(&text), serde_json::from_str::<IgnoredAny>(&text).is_ok(), "{text}");
        }
    }
}

const STARTS: [&str; 12] =
    [" ", r"\n", r"\t", r"\u0020", r"\u00a0", "\u{a0}", "{", r"\u007b", r#"\""#, r"\/", r"\ud83d\ude00", "é"];

#[test]
fn an_empty_object_may_hold_white_space() {
    for (text, expected) in [("{}", true), (r" {\n} ", true), ("", false), ("{", false), ("{}{", false)] {
        assert_eq!(Str::from_raw(text.as_bytes()).is_empty_object(), expected, "{text}");
    }
}

#[test]
fn a_gap_takes_only_what_the_full_path_takes() {
    for after in ["", ",\"a\":0123456789"] {
        let digits = |number: &str| template_gap::digits((number.to_owned() + after).as_bytes());
        assert_eq!(digits("10,"), Some(2));
        assert_eq!(digits("0}"), Some(1));
        assert_eq!(digits("1234567}"), Some(7));
        assert_eq!([digits("01}"), digits("-1}"), digits("12345678}"), digits("}")], [None; 4]);
        let text =
            |text: &[u8]| template_gap::text(&[text, after.as_bytes()].concat()).map(|text| text.length());
        assert_eq!(text("é\"".as_bytes()), Some(2));
        assert_eq!(text(b"a\\\"\\\\\""), Some(5));
        let wide = ["é日本x\"", after].concat();
        assert_eq!(template_gap::text(wide.as_bytes()).map(|text| text.code_points()), Some(4));
        assert_eq!([text(b"\xc3\""), text(b"a\nb\""), text(b"a\\qb\""), text(b"a\\\nb\"")], [None; 4]);
    }
    assert!(template_gap::text(b"unending").is_none() && template_gap::text(b"unending\\").is_none());
}

proptest! {
    /// However a text is read, it is the same text.
    #[test]
    fn a_text_in_a_gap_is_the_string(texts in prop::collection::vec(r#"([ -~éж日😀]|\\[nt"\\/]|\\u00e9|\\ud83d|\\ude00){0,9}"#, 0..6)) {
        let (mut gaps, mut strings) = (Progress::default(), Progress::default());
        for text in texts {
            let quoted = format!("\"{text}\"");
            let Ok(end) = scan::value(quoted.as_bytes(), 0) else { continue };
            let string = Str::from_raw(&quoted.as_bytes()[1..end - 1]);
            for after in ["", "                "] {
                let bytes = quoted[1..].to_owned() + after;
                let gap = template_gap::text(bytes.as_bytes()).unwrap();
                prop_assert_eq!((gap.as_str(), gap.code_points()), (string, string.code_points()));
                let mut out = b"x".to_vec();
                gap.append_to(&mut out);
                prop_assert_eq!(&out[1..], string.raw());
                gaps.push_text(&gap);
                strings.push(string);
            }
        }
        prop_assert_eq!(gaps, strings);
    }
}

#[test]
fn rest_of_a_snapshot() {
    assert_eq!(rest(&["Hel"], "Hello"), Some("lo"));
    assert_eq!(rest(&[], "Hello"), Some("Hello"));
    assert_eq!(rest(&["Hello"], "Hello"), Some(""));
    assert_eq!(rest(&["Hello"], "Hell"), None);
    assert_eq!(rest(&["Help"], "Hello"), None);
    // Escapes compare as what they stand for, and the rest begins after them.
    assert_eq!(rest(&[r"a\n", "é"], r"a\u000a\u00e9\tz"), Some(r"\tz"));
    // A surrogate pair in two deltas is the same character as the character itself.
    assert_eq!(rest(&[r"\ud83d", r"\ude00"], "😀!"), Some("!"));
    assert_eq!(rest(&[r"\ud83d"], r"\ud83d\ude00"), Some(r"\ude00"));
    assert_eq!(rest(&[r"\ud83d"], "😀"), None);
    assert_eq!(rest(&["日"], "日本"), Some("本"));
    // Where only a later part of the snapshot has escapes.
    assert_eq!(rest(&["ab"], r"abcd\u00e9"), Some(r"cd\u00e9"));
    assert_eq!([Str::from_raw("é".as_bytes()).after(1), Str::from_raw(b"a").after(2)], [None; 2]);
    assert_eq!(Str::from_raw(b"a@").after(1).map(Str::raw), Some(&b"@"[..]));
}

#[test]
fn a_text_is_what_it_stands_for() {
    let text = |raw: &'static str| Str::from_raw(raw.as_bytes());
    assert!(text(r"\u0061").is_same(b"a") && text("a").is_same(b"a") && !text("a").is_same(b"b"));
    assert_eq!(&*text(r"ab\u00e9c").prefix(3), "abé".as_bytes());
    assert_eq!(text(r"\udc00").decode(), "\u{fffd}");
    let long = ["é".repeat(40), r"\n\ud83d\ude00".into(), "x\u{e9}".repeat(40)].concat();
    let long = Str::from_raw(long.as_bytes());
    assert_eq!(long.code_points(), long.decode().chars().count() as u64);
}

#[test]
fn half_a_pair_waits_for_the_next_text() {
    for (next, decoded) in [("ab", "\u{fffd}ab"), (r"\ude00", "😀"), (r"\ude00\n", "😀\n")] {
        let half = r"\ud83d";
        let [half, next] = [half, next].map(|raw| Str::from_raw(raw.as_bytes()));
        let (mut units, mut out) = (SurrogatePairs::default(), Vec::new());
        half.decode_onto(&mut units, &mut out);
        next.decode_onto(&mut units, &mut out);
        assert_eq!(String::from_utf8_lossy(&out), decoded);
        let mut pieces = Progress::of(half);
        pieces.push(next);
        assert_eq!(pieces, Progress::of(Str::from_raw(&[half.raw(), next.raw()].concat())));
        let quoted = [next.raw(), b"\""].concat();
        let mut gaps = Progress::of(half);
        gaps.push_text(&template_gap::text(&quoted).unwrap());
        assert_eq!(gaps, pieces);
    }
}

#[test]
fn white_space_is_that_of_either_way_to_write_json() {
    let spaced = |spacing| {
        let mut out = Vec::new();
        write::spaced(&mut out, br#"{ "a,:" :1,"b\",":[ 2 ]}"#, spacing);
        String::from_utf8(out).unwrap()
    };
    assert_eq!(spaced(write::Spacing::Compact), r#"{"a,:":1,"b\",":[2]}"#);
    assert_eq!(spaced(write::Spacing::Wide), r#"{"a,:": 1, "b\",": [2]}"#);
}

#[test]
fn descendants_are_all_that_is_inside() {
    let tree = Tree::parse(br#"{"a":[1,{"b":2}],"c":3}"#).unwrap();
    let raw =
        |node: super::tree::Node<'_>| node.descendants().map(|node| node.raw().len()).collect::<Vec<_>>();
    assert_eq!(raw(tree.root()), [r#"[1,{"b":2}]"#, "1", r#"{"b":2}"#, "2", "3"].map(str::len));
    assert!(raw(tree.root().get("c").unwrap()).is_empty());
}

proptest! {
    #[test]
    fn value_equals_serde_json(text in r#"[\[\]{}:,"\\a0-9.eE+\-tu n]{0,24}"#) {
        prop_assert_eq!(is_value(&text), serde_json::from_str::<IgnoredAny>(&text).is_ok());
    }

    #[test]
    fn decode_equals_serde_json(text in any::<String>()) {
        let mut raw = Vec::new();
        super::write::escaped(&mut raw, &text);
        prop_assert_eq!(Str::from_raw(&raw).decode(), text.clone());
        let quoted = serde_json::to_string(&text).unwrap();
        prop_assert_eq!(&quoted.as_bytes()[1..quoted.len() - 1], &raw[..]);
    }

    #[test]
    fn the_first_character_is_found_without_the_others(
        pieces in prop::collection::vec(prop::sample::select(&STARTS[..]), 0..6),
    ) {
        let text = pieces.concat();
        let text = Str::from_raw(text.as_bytes());
        prop_assert_eq!(text.first_shown(), text.decode().trim_start().chars().next());
    }

    #[test]
    fn progress_does_not_depend_on_cuts(text in "[a-zé😀\n\"\\\\]{0,40}", at in 0..40_usize, keep in 0..40_usize) {
        let chars: Vec<char> = text.chars().collect();
        let (at, keep) = (at.min(chars.len()), keep.min(chars.len()));
        let escape = |chars: &[char]| serde_json::to_string(&chars.iter().collect::<String>()).unwrap();
        let inner = |quoted: &str| quoted[1..quoted.len() - 1].to_owned();
        let (at, keep) = (at.min(keep), keep);
        let pieces = [inner(&escape(&chars[..at])), inner(&escape(&chars[at..keep]))];
        let whole = inner(&escape(&chars));
        let left = inner(&escape(&chars[keep..]));
        prop_assert_eq!(rest(&[&pieces[0], &pieces[1]], &whole), Some(&left[..]));
    }

    #[test]
    fn lookups_never_panic(text in r#"\{[\[\]{}:,"\\a0-9 ]{0,30}"#) {
        if is_value(&text) && text.starts_with('{') {
            let mut value = None;
            walk(text.as_bytes(), |_, member| value = Some(member)).unwrap();
            let _ = value.and_then(|value: Value<'_>| value.get("a")).map(|value| value.elements().count());
        }
    }
}

#[test]
fn bytes_of_an_edited_document_are_traced_back() {
    let text = br#" {"gone": 1, "a": [10, 20], "b": "old", "c": 3} "#;
    let tree = Tree::parse(text).unwrap();
    let (root, mut edits) = (tree.root(), Edits::default());
    edits.remove(root.get("gone").unwrap());
    edits.replace(root.get("b").unwrap(), "\"entirely new\"");
    edits.append(root.get("a").unwrap(), "30");
    edits.rename(root.get("c").unwrap(), "d");
    let edited = edits.apply(root);
    assert_eq!(edited, br#" {"a": [10, 20,30], "b": "entirely new", "d":3} "#);
    for (part, origin) in
        [("10", "10"), ("20", "20"), ("30", "["), ("new", "\"old"), ("d\":", "\"c"), ("3}", "3}")]
    {
        let at = |text: &[u8], part: &str| String::from_utf8_lossy(text).find(part).unwrap();
        assert_eq!(edits.origin(root, at(&edited, part)), at(text, origin), "{part}");
    }
    assert_eq!(edits.origin(root, edited.len()), root.end());
}

/// The end of a string, byte by byte: what the block scanner must agree with.
fn plain_string(text: &[u8], mut at: usize) -> Result<usize, super::Malformed> {
    loop {
        match text.get(at) {
            Some(b'"') => return Ok(at),
            Some(b'\\') => at = scan::escape(text, at)?,
            Some(byte) if *byte >= 0x20 => at += 1,
            _ => return Err(super::Malformed(at)),
        }
    }
}

#[test]
fn a_string_ends_where_it_ends_whatever_block_that_is_in() {
    for (length, before) in (0..200).flat_map(|length| (0..=length).map(move |before| (length, before))) {
        for special in ["", "\\\"", "\\\\", "\\u00e9", "\\u00g9", "\\x", "\n", "\\", "é"] {
            for end in ["\"", "\"} more \" of it", ""] {
                let text =
                    ["x".repeat(before), special.into(), "y".repeat(length - before), end.into()].concat();
                let text = text.as_bytes();
                assert_eq!(
                    scan::string(text, 0),
                    plain_string(text, 0),
                    "{length} {before} {special:?} {end:?}"
                );
            }
        }
    }
}

const PIECES: [&str; 13] = [
    "x",
    "self.tree = value;",
    "é",
    "😀",
    "\\n",
    "\\\"",
    "\\\\",
    "\\/",
    "\\u00e9",
    "\\ud83d\\ude00",
    "\\q",
    "\u{1}",
    "\"",
];

/// One of the ways to write a character in a JSON string.
fn spelled(c: char, way: usize) -> String {
    let units = c.encode_utf16(&mut [0; 2]).iter().map(|unit| format!("\\u{unit:04x}")).collect();
    let short = serde_json::to_string(&c).unwrap();
    match (way, c) {
        (0, _) => units,
        (1, '/') => "\\/".to_owned(),
        _ => short[1..short.len() - 1].to_owned(),
    }
}

proptest! {
    #[test]
    fn a_string_of_many_escapes_ends_where_it_ends(pieces in prop::collection::vec(prop::sample::select(&PIECES[..]), 0..60)) {
        let text = pieces.concat();
        let end = plain_string(text.as_bytes(), 0);
        prop_assert_eq!(scan::string(text.as_bytes(), 0), end);
        if let Ok(end) = end {
            let string = Str::from_raw(&text.as_bytes()[..end]);
            prop_assert_eq!(string.code_points(), string.decode().chars().count() as u64);
        }
    }

    /// However a text is spelled, and however large it is.
    #[test]
    fn what_was_said_is_known_again(
        chars in prop::collection::vec((r#"[a-z/\n"\\\u{1}é😀]"#, 0..8_usize, 0..8_usize), 0..150),
        cuts in (0..150_usize, 0..150_usize),
    ) {
        let spell = |part: &[(String, usize, usize)], ways: fn(&(String, usize, usize)) -> usize| {
            part.iter().map(|one| spelled(one.0.chars().next().unwrap(), ways(one))).collect::<String>()
        };
        let (first, keep) = (cuts.0.min(cuts.1).min(chars.len()), cuts.0.max(cuts.1).min(chars.len()));
        let pieces = [spell(&chars[..first], |one| one.1), spell(&chars[first..keep], |one| one.1)];
        let whole = spell(&chars, |one| one.2);
        let left = spell(&chars[keep..], |one| one.2);
        prop_assert_eq!(rest(&[&pieces[0], &pieces[1]], &whole), Some(&left[..]));
        let other = whole.replacen('a', "b", 1);
        let differs_before = other[..whole.len() - left.len()] != whole[..whole.len() - left.len()];
        prop_assert!(!differs_before || rest(&[&pieces[0], &pieces[1]], &other).is_none());
    }
}

#[test]
fn each_decoded_byte_has_its_place() {
    let located = |raw: &str| {
        let (text, places) = Str::from_raw(raw.as_bytes()).located();
        (String::from_utf8_lossy(&text).into_owned(), places)
    };
    assert_eq!(located(r"a\nb"), ("a\nb".to_owned(), vec![0, 1, 3, 4]));
    assert_eq!(located(r"\ud83d\ude00!"), ("😀!".to_owned(), vec![0, 0, 0, 0, 12, 13]));
    assert_eq!(located(r"a\ud83d"), ("a".to_owned(), vec![0, 1])); // half a pair: the rest may come
    assert_eq!(located(r"\ud83dx"), ("\u{fffd}x".to_owned(), vec![0, 0, 0, 6, 7]));
    assert_eq!(located(""), (String::new(), vec![0]));
}
