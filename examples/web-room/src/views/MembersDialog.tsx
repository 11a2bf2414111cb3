import { useEffect, useState } from "preact/hooks";
import { VizroomError, type Member, type Role, type User } from "@vizroom/client";
import { formatCount } from "../format";
import { path } from "../route";
import type { RoomState } from "../room/state";
import { say } from "../toast";
import { Avatar } from "./Avatar";
import { Confirm } from "./Confirm";
import { Once } from "./CopyField";
import { Dialog } from "./Dialog";
import { Icon } from "./Icon";
import { Pending } from "./Invitations";
import { RoleSelect, RolesExplained } from "./Roles";
import { Problem, useAnswer, useWork } from "./work";

/** While the members are in view, this often: does everybody hear what is told? */
const READERS_MS = 5_000;

interface Props {
  room: RoomState;
  me: User;
  close: () => void;
}

/** Who is in the room and as what; its owners say so. */
export function MembersDialog({ room, me, close }: Props) {
  const owner = room.info.value?.role === "owner";
  const { problem, work } = useWork();
  const [asking, setAsking] = useState<{ member: Member; role?: Role }>();
  const behind = useBehind(room, owner);
  const pending = useAnswer(async () => (owner ? room.client.call("account.invitations", { room_id: room.id }) : undefined), [room, owner, room.members.value.length]);
  const owners = room.members.value.filter(({ role }) => role === "owner").length;

  const setRole = (member: Member, role: Role) =>
    room.client.call("room.set_role", { room_id: room.id, user_id: member.user_id, role });
  const choose = (member: Member, role: Role) => {
    // Once it is given away, only others can give it back.
    if (member.user_id === me.id) setAsking({ member, role });
    else void work(() => setRole(member, role));
  };
  const confirmed = async () => {
    const { member, role } = asking!;
    if (role) await setRole(member, role);
    else await room.client.call("room.remove_member", { room_id: room.id, user_id: member.user_id });
    setAsking(undefined);
  };

  return (
    <Dialog title="Members" close={close} testid="members-dialog">
      {owner ? <Invite room={room} made={pending.again} /> : <p class="hint">Only the owners of this room change who is here.</p>}
      <Problem text={problem} />
      <ul class="members" data-testid="member-list">
        {room.members.value.map((member) => (
          <li key={member.user_id} data-testid="member" data-email={member.email}>
            <Avatar name={member.name} hue={room.hue(member.user_id)} />
            <span class="grow who"><b>{member.name}{member.user_id === me.id && " (you)"}</b><span class="muted">{member.email}</span></span>
            {behind.has(member.user_id) && <span class="muted" data-testid="behind">{formatCount(behind.get(member.user_id)!, "event")} behind</span>}
            {owner ? (
              <>
                <RoleSelect value={member.role} label={`Role of ${member.name}`} testid="member-role" choose={(role) => choose(member, role)}
                  off={member.role === "owner" && owners === 1 ? "A room keeps an owner: make somebody else one first" : undefined} />
                <button class="icon-button small" aria-label={`Remove ${member.name}`} data-testid="member-remove"
                  disabled={member.user_id === me.id} title={member.user_id === me.id ? "To leave, use the menu of the room’s name" : "Remove"}
                  onClick={() => setAsking({ member })}><Icon name="trash" /></button>
              </>
            ) : <span class="badge">{member.role}</span>}
          </li>
        ))}
      </ul>
      {owner && <Pending client={room.client} {...pending} />}
      {asking && !asking.role && (
        <Confirm title={`Remove ${asking.member.name}?`} label="Remove" run={confirmed} close={() => setAsking(undefined)}>
          <p>They leave the room at once, on every page they have it open. What they have said and made stays.</p>
        </Confirm>
      )}
      {asking?.role && (
        <Confirm title="Give up your own role?" label={`Become ${asking.role}`} run={confirmed} close={() => setAsking(undefined)}>
          <p>You will be {asking.role} here, and no owner any more. Only another owner can change that back.</p>
        </Confirm>
      )}
    </Dialog>
  );
}

/** Brings others in. `made`: somebody was invited who is not here yet. */
function Invite({ room, made }: { room: RoomState; made: () => void }) {
  const [role, setRole] = useState<Role>("editor");
  const [link, setLink] = useState<string>();
  const { busy, problem, work } = useWork();

  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    const form = event.currentTarget as HTMLFormElement;
    const email = String(new FormData(form).get("email")).trim();
    setLink(undefined);
    void work(async () => {
      const { member, invitation } = await room.client.call("room.add_member", { room_id: room.id, email, role }).catch(said);
      if (member) say(`${member.name} is in the room now`);
      if (invitation) {
        setLink(location.origin + location.pathname + path({ page: "invitation", token: invitation.invitation }));
        made();
      }
      form.reset();
    });
  };
  return (
    <>
      <form class="row wrap" onSubmit={submit}>
        <input class="grow" type="email" name="email" required autofocus aria-label="E-mail" placeholder="name@company.com" data-testid="invite-email" />
        <RoleSelect value={role} choose={setRole} label="Role" testid="invite-role" />
        <button class="primary" disabled={busy} data-testid="invite-send">Invite</button>
      </form>
      <RolesExplained />
      <Problem text={problem} />
      {link && <Once label="Invitation link" value={link} testid="invitation-link" about="Send this link. It works once, for seven days, and is not shown again." />}
    </>
  );
}

function said(error: unknown): never {
  if (error instanceof VizroomError && error.code === "CONFLICT") throw new VizroomError("CONFLICT", "They are a member already.");
  throw error;
}

/** Whose connection does not keep up, and how many events it lacks; as owners may ask. */
function useBehind(room: RoomState, owner: boolean): Map<string, number> {
  const [behind, setBehind] = useState(new Map<string, number>());
  useEffect(() => {
    if (!owner) return;
    const look = async () => {
      const { readers } = await room.client.call("room.readers", { room_id: room.id });
      const lagging = readers.filter((one) => one.state === "blocked" || one.state === "behind");
      // Those furthest behind come first, and of several connections of one person the furthest counts.
      setBehind(new Map(lagging.reverse().map((one) => [one.user_id, one.lag_events])));
    };
    const quietly = () => void look().catch(() => {});
    quietly();
    const timer = setInterval(quietly, READERS_MS);
    return () => clearInterval(timer);
  }, [room, owner]);
  return behind;
}
