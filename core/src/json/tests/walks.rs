use crate::json::{Str, Value, Walk, walk, walk_for};
use proptest::prelude::*;

const MEMBERS: [&str; 6] =
    ["{}", r#"{ "x" : [ 1 ] , "y":{"z":2}}"#, "null", r#"{"x":tru}"#, "[{}]", r#""{""#];

/// What is in `a`, the last of them.
#[derive(Default)]
struct Entered<'a> {
    members: Vec<(Str<'a>, Value<'a>)>,
    inner: Vec<(Str<'a>, Value<'a>)>,
}

impl<'a> Walk<'a> for Entered<'a> {
    fn room(_: &[u8]) -> usize {
        0
    }

    fn member(&mut self, key: Str<'a>, value: Value<'a>) {
        self.members.push((key, value));
    }

    fn enters(&mut self, key: Str<'a>) -> bool {
        if key.is("a") {
            self.inner.clear();
        }
        key.is("a")
    }

    fn inner(&mut self, key: Str<'a>, value: Value<'a>) {
        self.inner.push((key, value));
    }
}

#[test]
fn walk_gives_raw_members_and_refuses_a_tail() {
    let mut seen = Vec::new();
    walk(br#" { "a" : [1, 2] ,"b\n":"x" } "#, |key, value| seen.push((key.decode(), value.raw().to_vec())))
        .unwrap();
    assert_eq!(seen, [("a".to_owned(), b"[1, 2]".to_vec()), ("b\n".to_owned(), b"\"x\"".to_vec())]);
    assert_eq!(walk(b"{} x", |_, _| {}).unwrap_err().0, 3);
    assert_eq!(walk(br#"{"a":tru}"#, |_, _| {}).unwrap_err().0, 5);
}

proptest! {
    #[test]
    fn an_object_entered_in_passing_is_one_walked_again(
        members in prop::collection::vec((prop::sample::select(&["a", "b", r"\u0061", "c"][..]), prop::sample::select(&MEMBERS[..])), 0..5),
    ) {
        let members: Vec<_> = members.iter().map(|(key, value)| format!("\"{key}\" : {value}")).collect();
        let text = format!(" {{ {} }}", members.join(" ,"));
        let (mut entered, mut members, mut last) = (Entered::default(), Vec::new(), None);
        let walked = walk(text.as_bytes(), |key, value| {
            members.push((key, value));
            last = if key.is("a") { Some(value) } else { last };
        });
        prop_assert_eq!(walk_for(text.as_bytes(), &mut entered), walked);
        if walked.is_ok() {
            let mut inner = Vec::new();
            if let Some(object) = last {
                object.each_member(|key, value| inner.push((key, value)));
            }
            prop_assert_eq!((entered.members, entered.inner), (members, inner));
        }
    }
}
