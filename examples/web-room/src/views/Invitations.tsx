import type { Client, wire } from "@vizroom/client";
import { formatMoment } from "../format";
import { Icon } from "./Icon";
import { Failed, Problem, useWork, Waiting } from "./work";

interface Props {
  client: Client;
  answer: wire.Invitations | undefined;
  problem: unknown;
  again: () => void;
  /** Names of rooms by id, where those of several are listed. */
  rooms?: ReadonlyMap<string, string>;
  /** What stands there if there are none; nothing if absent. */
  none?: string;
}

/** Invitations that nobody has used yet; each can be taken back. */
export function Pending({ client, answer, problem, again, rooms, none }: Props) {
  const deed = useWork();
  if (problem) return <Failed problem={problem} again={again} />;
  if (!answer) return none ? <Waiting lines={2} /> : null;
  if (answer.invitations.length === 0) return none ? <p class="muted">{none}</p> : null;
  const revoke = (id: string) => void deed.work(() => client.call("account.revoke_invitation", { invitation_id: id })).then(again);
  return (
    <section class="stack tight">
      <h3>Invited, not here yet</h3>
      <Problem text={deed.problem} />
      <ul class="members" data-testid="pending">
        {answer.invitations.map((one) => (
          <li key={one.id} data-testid="invitation">
            <span class="round"><Icon name="mail" /></span>
            <span class="grow who">
              <b>{one.email ?? "Whoever has the link"}</b>
              <span class="muted">{[where(one, rooms), one.role, `until ${formatMoment(one.expires_at)}`].filter(Boolean).join(" · ")}</span>
            </span>
            <button disabled={deed.busy} aria-label={`Take back the invitation of ${one.email ?? "whoever has the link"}`} data-testid="revoke"
              onClick={() => revoke(one.id)}>Take back</button>
          </li>
        ))}
      </ul>
    </section>
  );
}

function where({ room_id, guest }: wire.Invitation, rooms: ReadonlyMap<string, string> | undefined): string | undefined {
  if (!rooms) return guest ? "guest" : undefined;
  if (!room_id) return "your team";
  return `${rooms.get(room_id) ?? "another room"}${guest ? ", as a guest" : ""}`;
}
