import { useState } from "preact/hooks";
import type { Client, Summary, wire } from "@vizroom/client";
import { formatCount, formatMoment } from "../format";
import { go, path } from "../route";
import { complain } from "../toast";
import { Corner } from "./Header";
import { Icon } from "./Icon";
import { Logo } from "./Logo";
import { Menu } from "./Menu";
import { type Deed, RoomDialog, roomDeeds } from "./RoomDialogs";
import { Failed, useAnswer } from "./work";

/** The rooms one is a member of, a new one, and dashboards that others have shared. */
export default function Rooms({ client }: { client: Client }) {
  // Other members may have added one meanwhile.
  const { answer, problem, again } = useAnswer(async () => {
    const [{ rooms }, { dashboards }] = await Promise.all([client.call("room.list", {}), client.call("dashboard.list", {})]);
    const mine = new Set(rooms.map((room) => room.id));
    return { rooms, shared: dashboards.filter(({ room_id }) => room_id && !mine.has(room_id)) };
  }, [client]);
  const [name, setName] = useState("");
  const [busy, setBusy] = useState(false);

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
        {problem ? <Failed problem={problem} again={again} /> : null}
        {(answer || !problem) && <List rooms={answer?.rooms} client={client} again={again} />}
        {answer && answer.shared.length > 0 && <Shared dashboards={answer.shared} />}
      </main>
    </div>
  );
}

function List({ rooms, client, again }: { rooms: wire.Room[] | undefined; client: Client; again: () => void }) {
  const [asked, setAsked] = useState<{ room: wire.Room; deed: Deed }>();
  if (!rooms) return <ul class="room-list" aria-busy="true">{[1, 2, 3].map((n) => <li key={n} class="skeleton room-skeleton" />)}</ul>;
  const close = () => setAsked(undefined);
  return (
    <>
      {rooms.length === 0 && (
        <div class="empty" data-testid="room-list">
          <Icon name="people" size={28} />
          <p>No rooms yet.</p>
          <p class="muted">A room is where you and your team drop data, ask questions and see the same dashboards, live.</p>
        </div>
      )}
      <ul class="room-list" data-testid={rooms.length > 0 ? "room-list" : undefined}>
        {rooms.map((room) => (
          <li key={room.id}>
            <a class="room-item" href={path({ page: "room", room: room.id })} data-testid="room-item">
              <span class="room-name" title={room.name}>
                {room.name}{room.description && <span class="room-about" title={room.description}>{room.description}</span>}
              </span>
              <span class="muted">{formatCount(room.members, "member")} · since {formatMoment(room.created_at)}</span>
              {room.role !== "owner" && <span class="badge">{room.role}</span>}
            </a>
            <Menu label={`More about ${room.name}`} testid="room-item-menu" items={roomDeeds(room, (deed) => setAsked({ room, deed }),
              room.role === "owner" && room.members === 1 ? "Nobody else is here: delete it instead" : undefined)} />
          </li>
        ))}
      </ul>
      {asked && <RoomDialog {...asked} client={client} close={close} done={() => { close(); again(); }} />}
    </>
  );
}

function Shared({ dashboards }: { dashboards: Summary[] }) {
  return (
    <section class="stack">
      <h2>Shared with you</h2>
      <ul class="room-list">
        {dashboards.map((one) => (
          <li key={one.id}>
            <a class="room-item" href={path({ page: "shared", dashboard: one.id })} data-testid="shared-item">
              <Icon name="board" />
              <span class="room-name" title={one.title}>{one.title}</span>
              <span class="muted">{formatCount(one.cards, "card")} · {formatMoment(one.updated_at)}</span>
            </a>
          </li>
        ))}
      </ul>
    </section>
  );
}
