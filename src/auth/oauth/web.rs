//! How providers are asked: without following redirects, within a time and a size.

use std::pin::Pin;
use std::time::Duration;

use futures_util::StreamExt;
use openidconnect::{AsyncHttpClient, HttpRequest, HttpResponse};

const PATIENCE: Duration = Duration::from_secs(10);
/// Bytes of an answer.
const ANSWER_MAX: usize = 1024 * 1024;

#[derive(Debug, Clone)]
pub(super) struct Web {
    client: reqwest::Client,
}

#[derive(Debug, thiserror::Error)]
pub(super) enum WebError {
    #[error("{0}")]
    Request(#[from] reqwest::Error),
    #[error("{0}")]
    Http(#[from] http::Error),
    #[error("an answer of more than {ANSWER_MAX} bytes")]
    TooLarge,
}

impl Web {
    pub(super) fn new() -> Result<Self, String> {
        let client = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .timeout(PATIENCE)
            .user_agent(concat!("vizroom/", env!("CARGO_PKG_VERSION")))
            .build();
        Ok(Self { client: client.map_err(|e| e.to_string())? })
    }

    /// One request, one answer.
    pub(super) async fn ask(&self, request: HttpRequest) -> Result<HttpResponse, WebError> {
        let response = self.client.execute(request.try_into()?).await?;
        let mut answer = http::Response::builder().status(response.status());
        for (name, value) in response.headers() {
            answer = answer.header(name, value);
        }
        let (mut body, mut chunks) = (Vec::new(), response.bytes_stream());
        while let Some(chunk) = chunks.next().await {
            let chunk = chunk?;
            if body.len() + chunk.len() > ANSWER_MAX {
                return Err(WebError::TooLarge);
            }
            body.extend_from_slice(&chunk);
        }
        Ok(answer.body(body)?)
    }
}

impl<'c> AsyncHttpClient<'c> for Web {
    type Error = WebError;
    type Future = Pin<Box<dyn Future<Output = Result<HttpResponse, WebError>> + Send + 'c>>;

    fn call(&'c self, request: HttpRequest) -> Self::Future {
        Box::pin(self.ask(request))
    }
}
