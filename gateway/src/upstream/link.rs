//! A connection to the upstream. The task that reads an answer drives it, so that no other task has to wake for an event, and
//! all that one read of the socket brings is at hand at once.
//!
//! Input: requests, one after the other. Output: answers, and their chunks. State: the connection, and how it wakes.

use super::connect::Io;
use bytes::Bytes;
use futures_util::task::AtomicWaker;
use http_body_util::Full;
use hyper::body::{Body as _, Incoming};
use hyper::client::conn::TrySendError;
use hyper::client::conn::http1::{Connection, SendRequest, handshake};
use hyper::{Request, Response};
use std::future::poll_fn;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::task::{Context, Poll, Wake, Waker};

type Sender = SendRequest<Full<Bytes>>;

pub(super) struct Link {
    sender: Sender,
    driver: Driver,
}

/// Moves bytes between the socket and whoever waits for them.
struct Driver {
    /// None once it is closed.
    connection: Option<Box<Connection<Io, Full<Bytes>>>>,
    wakes: Arc<Wakes>,
    waker: Waker,
}

impl Link {
    pub(super) async fn new(io: Io) -> hyper::Result<Self> {
        let (sender, connection) = handshake(io).await?;
        Ok(Self { sender, driver: Driver::new(connection) })
    }

    /// Sends a request. An error has it again, where nothing of it was sent.
    pub(super) async fn ask(
        &mut self,
        request: Request<Full<Bytes>>,
    ) -> Result<Response<Incoming>, TrySendError<Request<Full<Bytes>>>> {
        let mut answer = pin!(self.sender.try_send_request(request));
        poll_fn(|context| self.driver.poll(context, |context| answer.as_mut().poll(context))).await
    }

    /// The next chunk of an answer; none at its end, or where it is cut.
    pub(super) fn poll_chunk(
        &mut self,
        body: &mut Incoming,
        context: &mut Context<'_>,
    ) -> Poll<Option<Bytes>> {
        self.driver.poll(context, |context| chunk(body, context))
    }

    /// Whether the next request can be sent now.
    pub(super) fn is_ready(&mut self) -> bool {
        let mut context = Context::from_waker(Waker::noop());
        let sender = &mut self.sender;
        self.driver.poll(&mut context, |context| sender.poll_ready(context)).is_ready()
            && self.driver.connection.is_some()
    }
}

/// The next chunk, of a connection that is driven elsewhere.
pub(super) fn chunk(body: &mut Incoming, context: &mut Context<'_>) -> Poll<Option<Bytes>> {
    loop {
        let Poll::Ready(frame) = Pin::new(&mut *body).poll_frame(context) else { return Poll::Pending };
        let Some(Ok(frame)) = frame else { return Poll::Ready(None) };
        if let Ok(data) = frame.into_data() {
            return Poll::Ready(Some(data));
        }
    }
}

impl Driver {
    /// So often at most it goes on by itself: what wakes at once may do so for ever.
    const TURNS: usize = 4;

    fn new(connection: Connection<Io, Full<Bytes>>) -> Self {
        let wakes = Arc::new(Wakes { state: AtomicU8::new(IDLE), task: AtomicWaker::new() });
        Self { connection: Some(Box::new(connection)), waker: wakes.clone().into(), wakes }
    }

    /// What is waited for, before and after the connection had its turn. The two wake each other; that wakes no task.
    fn poll<T>(
        &mut self,
        context: &mut Context<'_>,
        mut waited: impl FnMut(&mut Context<'_>) -> Poll<T>,
    ) -> Poll<T> {
        self.wakes.task.register(context.waker());
        for _ in 0..Self::TURNS {
            self.wakes.state.store(BUSY, Ordering::SeqCst);
            let mut inner = Context::from_waker(&self.waker);
            if let Poll::Ready(got) = waited(&mut inner) {
                return Poll::Ready(got);
            }
            if let Some(connection) = &mut self.connection {
                if Pin::new(&mut **connection).poll(&mut inner).is_ready() {
                    self.connection = None;
                }
                if let Poll::Ready(got) = waited(&mut inner) {
                    return Poll::Ready(got);
                }
            }
            let idle = self.wakes.state.compare_exchange(BUSY, IDLE, Ordering::SeqCst, Ordering::SeqCst);
            if idle.is_ok() {
                return Poll::Pending;
            }
        }
        self.wakes.state.store(IDLE, Ordering::SeqCst);
        context.waker().wake_by_ref();
        Poll::Pending
    }
}

/// Nobody looks: the task has to be woken.
const IDLE: u8 = 0;
/// The task is at it.
const BUSY: u8 = 1;
/// It is, and has to look once more.
const WOKEN: u8 = 2;

/// Wakes the task that reads, unless it is at it: then it looks once more.
struct Wakes {
    state: AtomicU8,
    task: AtomicWaker,
}

impl Wake for Wakes {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        if self.state.swap(WOKEN, Ordering::SeqCst) == IDLE {
            self.task.wake();
        }
    }
}
