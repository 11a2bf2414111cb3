//! An agent in a room: whoever writes `@agent …` gets a dashboard of it, and a sentence about what it shows.
//!
//! ```sh
//! cargo run -p vizroom-protocol --features client --example agent -- http://127.0.0.1:8000 TOKEN ROOM_ID
//! ```

use vizroom_protocol::client::{CallError, Client, News, Options};
use vizroom_protocol::dashboard::{ById, Clarify, Completed, Generate};
use vizroom_protocol::frame::Incoming;
use vizroom_protocol::id::{EventId, RoomId, RunId};
use vizroom_protocol::{chat, operation as op};

/// What a message must begin with to be meant for the agent.
const NAME: &str = "@agent";

struct Agent {
    client: Client,
    room_id: RoomId,
    /// Generations under way, each with the message that asked for it.
    asked: Vec<(RunId, EventId)>,
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut args = std::env::args().skip(1);
    let (Some(url), Some(token), Some(room)) = (args.next(), args.next(), args.next()) else {
        return Err("usage: agent URL TOKEN ROOM_ID".into());
    };
    let (client, mut news) =
        Client::connect(Options::new(format!("{}/ws/events", url.replacen("http", "ws", 1)), token));
    let room_id = room.parse()?;
    client.join(room_id, None).await?;
    println!("listening for `{NAME} …`");
    let mut agent = Agent { client, room_id, asked: Vec::new() };
    while let Some(news) = news.recv().await {
        if let News::Event(event) = news
            && let Err(error) = agent.hear(&event).await
        {
            eprintln!("{}: {error}", event.kind);
        }
    }
    Ok(())
}

impl Agent {
    async fn hear(&mut self, event: &Incoming) -> Result<(), CallError> {
        match event.kind.as_str() {
            "chat.message" => self.asked_for(event).await,
            "generation.completed" => match serde_json::from_str::<Completed>(event.data.get()) {
                Ok(done) => self.tell_about(&done).await,
                Err(error) => Err(CallError::Unreadable(error.to_string())),
            },
            "generation.clarification" => match serde_json::from_str::<Clarify>(event.data.get()) {
                Ok(clarify) => self.ask_back(&clarify).await,
                Err(error) => Err(CallError::Unreadable(error.to_string())),
            },
            _ => Ok(()),
        }
    }

    /// Starts a generation for a message that is meant for the agent.
    async fn asked_for(&mut self, event: &Incoming) -> Result<(), CallError> {
        let Ok(message) = serde_json::from_str::<chat::Message>(event.data.get()) else { return Ok(()) };
        let (Some(prompt), Some(asked_by)) = (message.content.strip_prefix(NAME), event.metadata.event_id) else {
            return Ok(());
        };
        let generate = Generate {
            room_id: Some(self.room_id),
            user_prompt: prompt.trim().to_owned(),
            connection_name: None,
            file_ids: None,
            max_charts: None,
            theme: None,
            callback_url: None,
            callback_secret: None,
        };
        match self.client.call::<op::DashboardGenerate>(&generate).await {
            Ok(started) => self.asked.push((started.run_id, asked_by)),
            Err(CallError::Refused(error)) => self.say(&error.message, asked_by).await?,
            Err(error) => return Err(error),
        }
        Ok(())
    }

    async fn tell_about(&mut self, done: &Completed) -> Result<(), CallError> {
        let Some(asked_by) = self.answered(done.run_id) else { return Ok(()) };
        let by_id = ById { dashboard_id: done.dashboard_id };
        let dashboard = self.client.call::<op::DashboardGet>(&by_id).await?;
        let titles: Vec<&str> = dashboard.cards.iter().map(|c| c.title.as_str()).collect();
        self.say(&format!("{}: {}", done.title, titles.join(" · ")), asked_by).await
    }

    async fn ask_back(&mut self, clarify: &Clarify) -> Result<(), CallError> {
        let Some(asked_by) = clarify.run_id.and_then(|run| self.answered(run)) else { return Ok(()) };
        self.say(&clarify.clarification.message, asked_by).await
    }

    fn answered(&mut self, run: RunId) -> Option<EventId> {
        let at = self.asked.iter().position(|(id, _)| *id == run)?;
        Some(self.asked.swap_remove(at).1)
    }

    async fn say(&self, content: &str, parent: EventId) -> Result<(), CallError> {
        let send = chat::Send { room_id: self.room_id, content: content.into(), parent: Some(parent) };
        self.client.call::<op::ChatSend>(&send).await.map(|_| ())
    }
}
