//! A cursor over one valid JSON value, from left to right.
//!
//! Input: the value. Output: the members and elements that are asked for; nested objects are entered in passing, so
//! each byte is looked at once at any depth. State: the position.

use super::{Elements, Str, Value, scan};

#[derive(Debug)]
pub(crate) struct Reader<'a> {
    json: &'a [u8],
    at: usize,
}

impl<'a> Reader<'a> {
    pub(crate) fn new(value: Value<'a>) -> Self {
        Self { json: value.0, at: 0 }
    }

    /// The value that comes next.
    #[inline]
    pub(crate) fn value(&mut self) -> Value<'a> {
        let start = self.at;
        // The span is valid, so this cannot fail.
        self.at = scan::value(self.json, start).unwrap_or(self.json.len());
        Value(&self.json[start..self.at])
    }

    /// Calls `member` for each key of the object that comes next, for it to read the value. Any other value is passed:
    /// `false`.
    #[inline]
    pub(crate) fn members(&mut self, mut member: impl FnMut(&mut Self, Str<'a>)) -> bool {
        if self.next() != Some(b'{') {
            self.value();
            return false;
        }
        self.pass();
        while self.next() == Some(b'"') {
            let start = self.at + 1;
            self.at = scan::string(self.json, start).unwrap_or(self.json.len());
            let key = Str::new(self.json.get(start..self.at).unwrap_or_default());
            self.pass(); // the quote
            self.pass(); // the colon
            let value = self.at;
            member(self, key);
            debug_assert!(self.at > value, "a member is read or passed");
            self.pass_comma();
        }
        self.at += 1;
        true
    }

    /// The first element of the array that comes next, as `read` reads it, and those after it. Any other value is passed.
    #[inline]
    pub(crate) fn first<T>(&mut self, read: impl FnOnce(&mut Self) -> T) -> Option<(T, Elements<'a>)> {
        if self.next() != Some(b'[') {
            self.value();
            return None;
        }
        self.pass();
        if self.next() == Some(b']') {
            self.at += 1;
            return None;
        }
        let first = read(self);
        self.pass_comma();
        let others = Elements { array: self.json, at: self.at };
        let mut rest = others.clone();
        while rest.next().is_some() {}
        self.at = rest.at + 1;
        Some((first, others))
    }

    /// Whether `null` comes next.
    pub(crate) fn is_null(&self) -> bool {
        self.next() == Some(b'n')
    }

    fn next(&self) -> Option<u8> {
        self.json.get(self.at).copied()
    }

    /// Passes a byte, and the white space after it.
    fn pass(&mut self) {
        self.at = scan::space(self.json, self.at + 1);
    }

    /// Passes what separates a value from the next one, if there is one.
    fn pass_comma(&mut self) {
        self.at = scan::space(self.json, self.at);
        if self.next() == Some(b',') {
            self.pass();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Reader, Value};

    /// Every key, depth first, as [`Value::each_member`] gives it.
    fn keys<'a>(value: Value<'a>, found: &mut Vec<&'a [u8]>) {
        value.each_member(|key, value| {
            found.push(key.raw());
            keys(value, found);
        });
    }

    fn keys_in_passing<'a>(reader: &mut Reader<'a>, found: &mut Vec<&'a [u8]>) {
        reader.members(|reader, key| {
            found.push(key.raw());
            keys_in_passing(reader, found);
        });
    }

    fn check(value: Value<'_>) {
        let (mut members, mut read) = (Vec::new(), Vec::new());
        value.each_member(|key, value| members.push((key, value)));
        let is_object = Reader::new(value).members(|reader, key| read.push((key, reader.value())));
        assert_eq!((read, is_object), (members.clone(), value.is_object()));
        let (mut all, mut passed) = (Vec::new(), Vec::new());
        keys(value, &mut all);
        keys_in_passing(&mut Reader::new(value), &mut passed);
        assert_eq!(passed, all);
        let mut reader = Reader::new(value);
        let list = reader.first(Reader::value).map(|(first, others)| (first, others.collect::<Vec<_>>()));
        let mut elements = value.elements();
        assert_eq!(list, elements.next().map(|first| (first, elements.collect())));
        assert_eq!(reader.at, value.raw().len());
        members.into_iter().map(|(_, value)| value).chain(value.elements()).for_each(check);
    }

    #[test]
    fn what_is_read_in_passing_is_what_stands_there() {
        for json in [
            "{}",
            "{ }",
            r#"{"a":1,"b":{},"c":{"d":[],"e":"x,}"},"f":[{"g":2},3,[4]],"h":null,"i":[],"\"j":"\"]"}"#,
            "\n{ \"a\" : [ 1 , { \"b\" : [ ] } , [ { } ] ] ,\t\"c\":{ \"d\" : -1.5e3 } , \"a\" : [ true ] }\n",
        ] {
            check(Value::document(json.as_bytes()).unwrap());
        }
    }
}
