//! A chat client for the terminal: prints what a room says, and says what is typed.
//!
//! ```sh
//! cargo run -p vizroom-protocol --features client --example chat -- http://127.0.0.1:8000 TOKEN [ROOM_ID]
//! ```

use tokio::io::{AsyncBufReadExt, BufReader, stdin};
use vizroom_protocol::account::Empty;
use vizroom_protocol::client::{Client, News, Options};
use vizroom_protocol::{chat, frame::Incoming, operation as op};

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut args = std::env::args().skip(1);
    let (Some(url), Some(token)) = (args.next(), args.next()) else {
        return Err("usage: chat URL TOKEN [ROOM_ID]".into());
    };
    let (client, mut news) =
        Client::connect(Options::new(format!("{}/ws/events", url.replacen("http", "ws", 1)), token));
    let room_id = match args.next() {
        Some(id) => id.parse()?,
        None => {
            let rooms = client.call::<op::RoomList>(&Empty {}).await?.rooms;
            rooms.first().ok_or("you are in no room yet: make one on the page")?.id
        }
    };
    let joined = client.join(room_id, None).await?;
    if let Some(snapshot) = joined.snapshot {
        println!("# {} ({} members)", snapshot.room.name, snapshot.room.members);
        for message in snapshot.messages {
            print(&serde_json::from_str(message.get())?);
        }
    }
    let mut lines = BufReader::new(stdin()).lines();
    loop {
        tokio::select! {
            line = lines.next_line() => match line? {
                Some(content) if content.trim().is_empty() => {}
                Some(content) => {
                    client.call::<op::ChatSend>(&chat::Send { room_id, content, parent: None }).await?;
                }
                None => return Ok(()),
            },
            news = news.recv() => match news {
                Some(News::Event(event)) => print(&event),
                Some(News::Disconnected) => println!("# connection lost, coming back …"),
                Some(News::Connected) => println!("# connected"),
                Some(News::Snapshot(_)) => println!("# (some messages were missed)"),
                None => return Ok(()),
            },
        }
    }
}

fn print(event: &Incoming) {
    let who = event.metadata.actor.as_ref().map_or("?", |a| a.name.as_str());
    match serde_json::from_str::<chat::Message>(event.data.get()) {
        Ok(message) if event.kind == "chat.message" => println!("{who}: {}", message.content),
        _ => println!("# {} ({who})", event.kind),
    }
}
