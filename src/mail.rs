//! Letters: queued, sent in the background, tried again. Who asks for one never waits for a mail server.

use std::time::Duration;

use futures_util::{StreamExt, stream};
use lettre::message::{Mailbox, header};
use lettre::transport::smtp::client::{Certificate, Tls, TlsParameters};
use lettre::{AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor};
use tokio::sync::mpsc::{self, Receiver, Sender};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::config;

/// Letters waiting; further ones are dropped, and the log says so.
const QUEUE_MAX: usize = 1_000;
/// Letters on their way at once.
const AT_ONCE: usize = 4;
/// How long a mail server may take for one step.
const PATIENCE: Duration = Duration::from_secs(15);
/// What passes before each further try.
const PAUSES: [Duration; 4] =
    [Duration::from_millis(500), Duration::from_secs(5), Duration::from_secs(60), Duration::from_secs(600)];

/// Why mail cannot be set up.
#[derive(Debug, thiserror::Error)]
#[error("mail: {0}")]
pub struct MailError(String);

impl MailError {
    fn new(why: impl std::fmt::Display) -> Self {
        Self(why.to_string())
    }
}

/// A text for one person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Letter {
    pub to: String,
    pub subject: String,
    pub text: String,
}

/// The way out.
#[derive(Debug)]
pub struct Mail {
    queue: Sender<Letter>,
}

/// A mail server, and who we are there.
struct Post {
    server: AsyncSmtpTransport<Tokio1Executor>,
    from: Mailbox,
}

impl Mail {
    /// Mail by the server that is configured; without one, letters are printed to the log.
    ///
    /// # Errors
    /// If the configuration makes no sense.
    pub fn open(
        config: Option<&config::Mail>,
        tasks: &TaskTracker,
        draining: CancellationToken,
    ) -> Result<Self, MailError> {
        let post = config.map(Post::new).transpose()?;
        let (queue, letters) = mpsc::channel(QUEUE_MAX);
        tasks.spawn(run(post, letters, draining));
        Ok(Self { queue })
    }

    /// Sends a letter some time soon.
    pub fn send(&self, letter: Letter) {
        if let Err(error) = self.queue.try_send(letter) {
            tracing::error!(%error, "a mail was dropped");
        }
    }
}

/// Until the server stops: then what waits is tried once more.
async fn run(post: Option<Post>, letters: Receiver<Letter>, draining: CancellationToken) {
    let (post, draining) = (&post, &draining);
    let waiting = stream::unfold(letters, |mut letters| async move {
        let next = tokio::select! {
            biased;
            next = letters.recv() => next,
            () = draining.cancelled() => {
                letters.close();
                letters.recv().await
            }
        };
        next.map(|letter| (letter, letters))
    });
    let deliver = |letter: Letter| async move {
        match post {
            Some(post) => post.deliver(&letter, draining).await,
            None => {
                let Letter { to, subject, text } = letter;
                tracing::info!(to, subject, "no mail server is configured, so this mail is only printed:\n{text}");
            }
        }
    };
    waiting.for_each_concurrent(AT_ONCE, deliver).await;
}

impl Post {
    fn new(config: &config::Mail) -> Result<Self, MailError> {
        let from = config.from.parse().map_err(|e| MailError(format!("`from` is no address: {e}")))?;
        let mut server = AsyncSmtpTransport::<Tokio1Executor>::from_url(&config.url).map_err(MailError::new)?;
        if let Some(path) = &config.ca_file {
            let pem = std::fs::read(path).map_err(|e| MailError(format!("{}: {e}", path.display())))?;
            let url = openidconnect::url::Url::parse(&config.url).map_err(MailError::new)?;
            let host = url.host_str().unwrap_or_default().to_owned();
            let certificate = Certificate::from_pem(&pem).map_err(MailError::new)?;
            let tls = TlsParameters::builder(host).add_root_certificate(certificate).build().map_err(MailError::new)?;
            let wanted = url.query_pairs().find(|(name, _)| name == "tls").map(|(_, value)| value.into_owned());
            server = server.tls(match (url.scheme(), wanted.as_deref()) {
                ("smtps", _) => Tls::Wrapper(tls),
                (_, Some("required")) => Tls::Required(tls),
                (_, Some("opportunistic")) => Tls::Opportunistic(tls),
                _ => return Err(MailError::new("`ca_file` needs smtps://… or ?tls=required")),
            });
        }
        Ok(Self { server: server.timeout(Some(PATIENCE)).build(), from })
    }

    async fn deliver(&self, letter: &Letter, draining: &CancellationToken) {
        let message = match self.message(letter) {
            Ok(message) => message,
            Err(error) => return tracing::warn!(%error, to = letter.to, "a mail cannot be written"),
        };
        for pause in PAUSES.into_iter().map(Some).chain([None]) {
            let Err(error) = self.server.send(message.clone()).await else { return };
            let Some(pause) = pause.filter(|_| !error.is_permanent() && !draining.is_cancelled()) else {
                return tracing::error!(%error, to = letter.to, subject = letter.subject, "a mail was not sent");
            };
            tracing::warn!(%error, to = letter.to, "a mail was not sent yet; it is tried again in {pause:?}");
            draining.run_until_cancelled(tokio::time::sleep(pause)).await;
        }
    }

    fn message(&self, letter: &Letter) -> Result<Message, MailError> {
        let to = letter.to.parse().map_err(MailError::new)?;
        Message::builder()
            .from(self.from.clone())
            .to(Mailbox::new(None, to))
            .message_id(None)
            .subject(&letter.subject)
            .header(header::ContentType::TEXT_PLAIN)
            .body(letter.text.clone())
            .map_err(MailError::new)
    }
}
