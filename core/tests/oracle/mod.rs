//! WHATWG HTML §9.2.6, read aloud: decode everything, split into lines, interpret. Slow and obvious on purpose.

use serde_json::json;

/// Events as JSON lines, and the state after the end; as `cases::sse_events` gives them.
pub(crate) fn parse(input: &[u8], dispatch_tail: bool) -> (String, String) {
    let text = String::from_utf8_lossy(input).into_owned();
    let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
    let normal = text.replace("\r\n", "\n").replace('\r', "\n");
    let mut lines: Vec<&str> = normal.split('\n').collect();
    let tail = lines.pop().unwrap_or_default();
    if dispatch_tail {
        lines.extend([tail, ""]);
    }
    let mut block = Block::default();
    for line in lines {
        block.line(line);
    }
    let state = format!("{{\"retry\":{},\"last_event_id\":{}}}", json!(block.retry), json!(block.last_id));
    (block.out, state)
}

#[derive(Default)]
struct Block {
    data: String,
    event: String,
    id: String,
    last_id: String,
    retry: Option<u64>,
    out: String,
}

impl Block {
    fn line(&mut self, line: &str) {
        if line.is_empty() {
            return self.dispatch();
        }
        let (name, value) = line.split_once(':').unwrap_or((line, ""));
        let value = value.strip_prefix(' ').unwrap_or(value);
        match name {
            "data" => self.data += &format!("{value}\n"),
            "event" => value.clone_into(&mut self.event),
            "id" if !value.contains('\0') => value.clone_into(&mut self.id),
            "retry" if value.bytes().all(|byte| byte.is_ascii_digit()) => {
                self.retry = value.parse().ok().or(self.retry);
            }
            _ => {}
        }
    }

    fn dispatch(&mut self) {
        self.last_id.clone_from(&self.id);
        let event = std::mem::take(&mut self.event);
        let data = std::mem::take(&mut self.data);
        if let Some(data) = data.strip_suffix('\n') {
            let event = if event.is_empty() { "message" } else { &event };
            let [event, data, id] = [event, data, &self.last_id].map(|text| json!(text).to_string());
            self.out += &format!("{{\"event\":{event},\"data\":{data},\"id\":{id}}}\n");
        }
    }
}
