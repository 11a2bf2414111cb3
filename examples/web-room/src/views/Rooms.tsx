import { useEffect, useState } from "preact/hooks";
import type { Client, wire } from "@vizroom/client";
import { formatCount, formatMoment } from "../format";
import { message } from "../http";
import { connection } from "../live";
import { go, path } from "../route";
import { complain } from "../toast";
import { Corner } from "./Header";
import { Icon } from "./Icon";
import { Logo } from "./Logo";

/** The rooms one is a member of, and a new one. */
export default function Rooms({ client }: { client: Client }) {
  const [rooms, setRooms] = useState<wire.Room[]>();
  const [problem, setProblem] = useState<string>();
  const [name, setName] = useState("");
  const [busy, setBusy] = useState(false);
  const live = connection.value.state === "live";

  // Other members may have added one meanwhile.
  useEffect(() => {
    if (!live) return;
    client.call("room.list", {}).then((reply) => { setRooms(reply.rooms); setProblem(undefined); }, (error) => setProblem(message(error)));
  }, [client, live]);

  const create = async (event: Event) => {
    event.preventDefault();
    if (!name.trim() || busy) return;
    setBusy(true);
    try {
      go({ page: "room", room: (await client.call("room.create", { name: name.trim() })).id });
    } catch (error) {
      complain(error);
      setBusy(false);
    }
  };

  return (
    <div class="page">
      <header class="top"><Logo /><Corner /></header>
      <main class="rooms">
        <h1>Rooms</h1>
        <form class="new-room" onSubmit={create}>
          <input aria-label="Name of the new room" placeholder="Name a new room, such as “Weekly numbers”" maxLength={200} value={name}
            onInput={(event) => setName(event.currentTarget.value)} data-testid="new-room-name" />
          <button class="primary" disabled={busy || !name.trim()} data-testid="new-room"><Icon name="plus" />New room</button>
        </form>
        {problem && <p class="problem" role="alert">{problem}</p>}
        <List rooms={rooms} />
      </main>
    </div>
  );
}

function List({ rooms }: { rooms: wire.Room[] | undefined }) {
  if (!rooms) return <ul class="room-list" aria-busy="true">{[1, 2, 3].map((n) => <li key={n} class="skeleton room-skeleton" />)}</ul>;
  if (rooms.length === 0) {
    return (
      <div class="empty" data-testid="room-list">
        <Icon name="people" size={28} />
        <p>No rooms yet.</p>
        <p class="muted">A room is where you and your team drop data, ask questions and see the same dashboards, live.</p>
      </div>
    );
  }
  return (
    <ul class="room-list" data-testid="room-list">
      {rooms.map((room) => (
        <li key={room.id}>
          <a class="room-item" href={path({ page: "room", room: room.id })} data-testid="room-item">
            <span class="room-name">{room.name}</span>
            <span class="muted">{formatCount(room.members, "member")} · since {formatMoment(room.created_at)}</span>
            {room.role !== "owner" && <span class="badge">{room.role}</span>}
            <Icon name="right" />
          </a>
        </li>
      ))}
    </ul>
  );
}
