import { useState } from "preact/hooks";
import { type Role, VizroomError } from "@vizroom/client";
import type { RoomState } from "../../room/state";
import { Avatar } from "../Avatar";
import { Icon } from "../Icon";
import { RoleSelect } from "../Roles";
import { Failed, Problem, useAnswer, useWork, Waiting } from "../work";

const AMONG: Role[] = ["viewer", "editor"];

/** People who may see or change a dashboard, beside those who are in its room. */
export function SharedWith({ room, id }: { room: RoomState; id: string }) {
  const { client } = room;
  const { answer, setAnswer, problem, again } = useAnswer(() => client.call("dashboard.shares", { dashboard_id: id }), [id]);
  const deed = useWork();
  const [role, setRole] = useState<Role>("viewer");
  const put = (who: { email: string } | { user_id: string }, as: Role) => deed.work(async () => {
    const shared = await client.call("dashboard.share", { dashboard_id: id, ...who, role: as }).catch(said);
    setAnswer(() => shared);
  });
  const remove = (user_id: string) => deed.work(async () => {
    const shared = await client.call("dashboard.unshare", { dashboard_id: id, user_id });
    setAnswer(() => shared);
  });
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    const form = event.currentTarget as HTMLFormElement;
    void put({ email: String(new FormData(form).get("email")).trim() }, role).then((well) => well && form.reset());
  };
  return (
    <section class="stack">
      <h3>People of your team</h3>
      <p class="hint">They need not be in this room: they find the dashboard among their rooms. Members of the room see it anyway.</p>
      <form class="row wrap" onSubmit={submit}>
        <input class="grow" type="email" name="email" required aria-label="E-mail of whom to share with" placeholder="name@company.com" data-testid="share-email" />
        <RoleSelect value={role} choose={setRole} label="What they may" among={AMONG} />
        <button disabled={deed.busy} data-testid="share-add"><Icon name="plus" />Share</button>
      </form>
      <Problem text={deed.problem} />
      {problem ? <Failed problem={problem} again={again} /> : !answer ? <Waiting lines={1} /> : answer.shared_with.length === 0 ? (
        <p class="muted">Shared with nobody outside the room.</p>
      ) : (
        <ul class="members" data-testid="shares">
          {answer.shared_with.map((one) => (
            <li key={one.user_id} data-testid="sharer">
              <Avatar name={one.name} hue={room.hue(one.user_id)} />
              <span class="grow who"><b>{one.name}</b><span class="muted">{one.email}</span></span>
              <RoleSelect value={one.role} choose={(as) => void put({ user_id: one.user_id }, as)} label={`What ${one.name} may`} among={AMONG} />
              <button class="icon-button small" disabled={deed.busy} aria-label={`Stop sharing with ${one.name}`} title="Stop sharing" data-testid="unshare"
                onClick={() => void remove(one.user_id)}><Icon name="trash" /></button>
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}

function said(error: unknown): never {
  if (error instanceof VizroomError && error.code === "NOT_FOUND") {
    throw new VizroomError("NOT_FOUND", "Nobody of your team has this address. Strangers can be sent a link.");
  }
  throw error;
}
