//! Connections, and how to cut them.

use std::convert::Infallible;
use std::io;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::http::{Request, Response};
use futures_util::stream;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio_rustls::TlsAcceptor;
use tower_service::Service;

use super::answer::Answer;

/// A way to break an answer.
#[derive(Clone)]
pub(super) enum Cut {
    /// The connection ends without one.
    Connection,
    /// It ends in the middle.
    Answer(Answer),
}

/// Marks an answer that must not be sent.
#[derive(Clone)]
struct NoAnswer;

impl Cut {
    pub(super) fn response(self) -> Response<Body> {
        match self {
            Self::Connection => {
                let mut response = Response::new(Body::empty());
                response.extensions_mut().insert(NoAnswer);
                response
            }
            Self::Answer(answer) => {
                let length = answer.body.len();
                let half = answer.body.as_bytes().get(..length / 2).unwrap_or_default().to_vec();
                let mut response =
                    answer.header("content-length", length.to_string()).response(false);
                let parts: [io::Result<Bytes>; 2] =
                    [Ok(Bytes::from(half)), Err(io::Error::other("cut"))];
                *response.body_mut() = Body::from_stream(stream::iter(parts));
                response
            }
        }
    }
}

/// Takes connections until it is told to stop; then ends those that are idle.
pub(super) async fn serve(
    (listener, tls): (TcpListener, Option<TlsAcceptor>),
    router: Router,
    mut stopped: watch::Receiver<()>,
) {
    loop {
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => {
                    let _ = stream.set_nodelay(true);
                    tokio::spawn(greet(stream, tls.clone(), router.clone(), stopped.clone()));
                }
                // One client that went away must not end the server.
                Err(_) => tokio::task::yield_now().await,
            },
            _ = stopped.changed() => return,
        }
    }
}

async fn greet(
    stream: TcpStream,
    tls: Option<TlsAcceptor>,
    router: Router,
    stopped: watch::Receiver<()>,
) {
    match tls {
        None => connection(stream, router, stopped).await,
        Some(tls) => {
            // Whoever does not trust the certificate goes away.
            if let Ok(stream) = tls.accept(stream).await {
                connection(stream, router, stopped).await;
            }
        }
    }
}

async fn connection(
    stream: impl AsyncRead + AsyncWrite + Unpin + 'static,
    router: Router,
    mut stopped: watch::Receiver<()>,
) {
    let service = service_fn(move |request: Request<Incoming>| {
        let mut router = router.clone();
        async move {
            let response: Result<Response<Body>, Infallible> = router.call(request).await;
            match response {
                Ok(response) if response.extensions().get::<NoAnswer>().is_some() => {
                    Err(io::Error::other("cut"))
                }
                Ok(response) => Ok(response),
            }
        }
    });
    let served = http1::Builder::new().serve_connection(TokioIo::new(stream), service);
    let mut served = std::pin::pin!(served);
    tokio::select! {
        // A connection that breaks is the client's business.
        _ = served.as_mut() => {}
        _ = stopped.changed() => {
            served.as_mut().graceful_shutdown();
            let _ = served.await;
        }
    }
}
