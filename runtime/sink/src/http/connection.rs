use std::{convert::Infallible, pin::pin, sync::Arc};

use http_body_util::Full;
use hyper::{
    Request, Response,
    body::{Bytes, Incoming},
    server::conn::http1,
    service::service_fn,
};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::{net::TcpStream, sync::watch, time::timeout};

use super::{Config, answer::Answers};

/// Request line and headers, in bytes.
const MAX_HEADER_BYTES: usize = 16 * 1024;

/// Serve one connection until the peer, its age or `ending` ends it.
pub(super) async fn serve(
    stream: TcpStream,
    config: Config,
    answers: Arc<Answers>,
    mut ending: watch::Receiver<bool>,
) {
    let service = service_fn(|request| answer(Arc::clone(&answers), request));
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(config.header_timeout)
        .max_buf_size(MAX_HEADER_BYTES)
        .serve_connection(TokioIo::new(stream), service);
    let mut connection = pin!(connection);
    let result = tokio::select! {
        result = connection.as_mut() => result,
        () = last_request(&config, &mut ending) => {
            connection.as_mut().graceful_shutdown();
            match timeout(config.grace, connection).await {
                Ok(result) => result,
                Err(_) => return tracing::debug!("a peer took too long to take its answer"),
            }
        }
    };
    if let Err(error) = result {
        tracing::debug!(%error, "a connection to the HTTP endpoint ended early");
    }
}

async fn last_request(config: &Config, ending: &mut watch::Receiver<bool>) {
    // Either way it is time; a sender that is gone means the endpoint ends too.
    timeout(config.max_age, ending.wait_for(|ending| *ending)).await.ok();
}

/// Answers may wait for a lock or take a while to write, so they are made on a blocking thread.
async fn answer(
    answers: Arc<Answers>,
    request: Request<Incoming>,
) -> Result<Response<Full<Bytes>>, Infallible> {
    let (method, path) = (request.method().clone(), request.uri().path().to_owned());
    let made = {
        let answers = Arc::clone(&answers);
        tokio::task::spawn_blocking(move || answers.answer(&method, &path)).await
    };
    Ok(made.unwrap_or_else(|_| answers.failed()))
}
