//! One turn of a conversation as a gateway takes it: resolve, normalize, answer, remember.

use sluicegate::{
    ChatOptions, Continuation, Error, Expanded, Normalized, Profile, RequestOptions, ResponseCollector,
    ResponsesRelay, Store, Unrecorded, normalize_request,
};

/// What is known beside the request.
#[derive(Clone, Copy, Default)]
pub(crate) struct Turn<'a> {
    pub(crate) origin: Option<&'a str>,
    pub(crate) now_ms: u64,
}

impl Turn<'_> {
    pub(crate) fn normalized(&self, expanded: &Expanded) -> Result<Normalized, Error> {
        let options = RequestOptions {
            origin: self.origin.map(str::to_owned),
            history_origin: expanded.origin.clone(),
            ..RequestOptions::default()
        };
        let request = normalize_request(&expanded.body, &Profile::codex(), &options)?;
        let again = normalize_request(&request.body, &Profile::codex(), &RequestOptions::default()).unwrap();
        assert_eq!(again.changes, [], "{}", String::from_utf8_lossy(&request.body));
        Ok(request)
    }

    /// The final Response; the stream that is relayed ends with the same one.
    pub(crate) fn response(request: &Normalized, expanded: &Expanded, upstream: &[u8]) -> Vec<u8> {
        let options = ChatOptions {
            context: Some(request.context.clone().into()),
            previous_response_id: expanded.previous_response_id.clone(),
            ..ChatOptions::default()
        };
        let mut collector = ResponseCollector::new(options.clone());
        let mut relay = ResponsesRelay::new(options);
        collector.feed(upstream).unwrap();
        relay.feed(upstream, &mut Vec::new()).unwrap();
        relay.finish(&mut Vec::new()).unwrap();
        let response = collector.finish().unwrap();
        assert!(relay.response().is_some_and(|relayed| relayed == response));
        response
    }

    /// All of it; what went upstream, what the client got, whether the next turn can continue.
    pub(crate) fn take(
        &self,
        tenant: &Continuation,
        store: &mut dyn Store,
        request: &[u8],
        upstream: &[u8],
    ) -> Result<Taken, Error> {
        let expanded = tenant.resolve(store, request, self.now_ms)?;
        let sent = self.normalized(&expanded)?;
        let response = Self::response(&sent, &expanded, upstream);
        let remembered = tenant.remember(store, &expanded, &response, self.origin, self.now_ms)?;
        Ok(Taken { expanded, sent, response, remembered })
    }
}

pub(crate) struct Taken {
    pub(crate) expanded: Expanded,
    pub(crate) sent: Normalized,
    pub(crate) response: Vec<u8>,
    pub(crate) remembered: Result<(), Unrecorded>,
}
