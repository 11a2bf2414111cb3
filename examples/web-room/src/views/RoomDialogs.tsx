import { useState } from "preact/hooks";
import type { Client, wire } from "@vizroom/client";
import { formatCount } from "../format";
import { say } from "../toast";
import { Confirm } from "./Confirm";
import { Dialog } from "./Dialog";
import type { Item } from "./Menu";
import { Failed, Problem, useAnswer, useWork, Waiting } from "./work";

/** What can be done with a whole room. */
export type Deed = "rename" | "leave" | "delete";

const NAME_MAX = 200;
const DESCRIPTION_MAX = 2_000;

/** The choices of a room's menu. `stays`: why its owner cannot leave. */
export function roomDeeds(room: wire.Room, choose: (deed: Deed) => void, stays?: string): (Item | "line")[] {
  const owner = room.role === "owner";
  return [
    ...(owner ? [{ label: "Name and description…", icon: "edit", testid: "room-rename", run: () => choose("rename") } as Item] : []),
    { label: "Leave the room…", icon: "leave", testid: "room-leave", run: () => choose("leave"), ...(stays && { off: stays }) },
    ...(owner ? ["line" as const, { label: "Delete the room…", icon: "trash", bad: true, testid: "room-delete", run: () => choose("delete") } as Item] : []),
  ];
}

interface Props {
  client: Client;
  room: wire.Room;
  close: () => void;
  done: () => void;
}

export function RoomDialog({ deed, ...props }: Props & { deed: Deed }) {
  if (deed === "rename") return <Rename {...props} />;
  return deed === "leave" ? <Leave {...props} /> : <Delete {...props} />;
}

function Rename({ client, room, close, done }: Props) {
  const [name, setName] = useState(room.name);
  const [description, setDescription] = useState(room.description ?? "");
  const { busy, problem, work } = useWork();
  const wanted = { name: name.trim(), description: description.trim() };
  const same = wanted.name === room.name && wanted.description === (room.description ?? "");
  const submit = async (event: Event) => {
    event.preventDefault();
    if (await work(() => client.call("room.update", { room_id: room.id, ...wanted }))) done();
  };
  return (
    <Dialog title="Name and description" close={close}>
      <form class="stack" onSubmit={(event) => void submit(event)}>
        <label class="field">Name
          <input value={name} maxLength={NAME_MAX} required autofocus data-testid="room-name"
            onInput={(event) => setName(event.currentTarget.value)} onFocus={(event) => event.currentTarget.select()} />
        </label>
        <label class="field">What it is for
          <textarea rows={3} value={description} maxLength={DESCRIPTION_MAX} data-testid="room-description"
            onInput={(event) => setDescription(event.currentTarget.value)} />
          <span class="hint">Every member sees it.</span>
        </label>
        <Problem text={problem} />
        <footer class="row end">
          <button type="button" onClick={close}>Cancel</button>
          <button class="primary" disabled={busy || !wanted.name || same} data-testid="room-name-save">Save</button>
        </footer>
      </form>
    </Dialog>
  );
}

function Leave({ client, room, close, done }: Props) {
  const run = async () => {
    await client.call("room.resign", { room_id: room.id });
    say(`You have left “${room.name}”`);
    done();
  };
  return (
    <Confirm title={`Leave “${room.name}”?`} label="Leave" run={run} close={close}>
      <p>You will not see it any more, until one of its owners brings you back. What you have said and made stays there.</p>
    </Confirm>
  );
}

/** Says what goes, and what stays. */
function Delete({ client, room, close, done }: Props) {
  const { answer, problem, again } = useAnswer(async () => {
    const [{ dashboards }, { files }] = await Promise.all([
      client.call("dashboard.list", { room_id: room.id }), client.call("file.list", { room_id: room.id }),
    ]);
    return { dashboards, files };
  }, [room.id]);
  const run = async () => {
    await client.call("room.delete", { room_id: room.id });
    say(`“${room.name}” is deleted`);
    done();
  };
  if (problem || !answer) {
    return (
      <Dialog title={`Delete “${room.name}”?`} close={close}>
        {problem ? <Failed problem={problem} again={again} /> : <Waiting />}
      </Dialog>
    );
  }
  const { dashboards, files } = answer;
  const shown = dashboards.filter((one) => one.is_public).length;
  return (
    <Confirm title={`Delete “${room.name}”?`} label={room.members > 1 ? "Delete for everybody" : "Delete"} run={run} close={close}>
      <div data-testid="what-goes">
        <p>This goes, at once and for good{room.members > 1 ? `, for all ${formatCount(room.members, "member")}` : ""}:</p>
        <ul class="bullets">
          <li>{dashboards.length === 0 ? "no dashboard: there is none" : `${formatCount(dashboards.length, "dashboard")}${dashboards.length > 1 ? ` such as “${dashboards[0]!.title}”` : `, “${dashboards[0]!.title}”`}`}</li>
          {shown > 0 && <li>their public links: {formatCount(shown, "dashboard")} can be seen by outsiders now</li>}
          <li>everything that was said, and invitations to the room</li>
        </ul>
        {files.length > 0 && <p class="muted">Its {files.length === 1 ? "file stays" : `${formatCount(files.length, "file")} stay`} with whoever brought {files.length === 1 ? "it" : "them"}, under “Your files”.</p>}
      </div>
    </Confirm>
  );
}
