import { useState } from "preact/hooks";
import type { Client } from "@vizroom/client";
import { path } from "../../route";
import { say } from "../../toast";
import { Once } from "../CopyField";
import { Pending } from "../Invitations";
import { Problem, useAnswer, useWork } from "../work";

/** Who may come into the team, and who was asked to any of one's rooms. */
export function Team({ client }: { client: Client }) {
  const pending = useAnswer(() => client.call("account.invitations", {}), [client]);
  const rooms = useAnswer(async () => new Map((await client.call("room.list", {})).rooms.map((room) => [room.id, room.name])), [client]);
  const [link, setLink] = useState<string>();
  const { busy, problem, work } = useWork();
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    const form = event.currentTarget as HTMLFormElement;
    const email = String(new FormData(form).get("email")).trim();
    setLink(undefined);
    void work(async () => {
      const { invitation } = await client.call("account.invite", email ? { email } : {});
      setLink(location.origin + location.pathname + path({ page: "invitation", token: invitation }));
      if (email) say(`A mail is on its way to ${email}`);
      pending.again();
      form.reset();
    });
  };
  return (
    <>
      <section class="panel stack">
        <h2>Invite to your team</h2>
        <p class="hint">They may then make rooms and use your team’s files. To let somebody into one room only, invite them there.</p>
        <form class="row wrap" onSubmit={submit}>
          <input class="grow" type="email" name="email" aria-label="E-mail" placeholder="name@company.com, or nobody in particular" data-testid="team-email" />
          <button class="primary" disabled={busy} data-testid="team-invite">Invite</button>
        </form>
        <Problem text={problem} />
        {link && <Once label="Invitation link" value={link} testid="invitation-link" about="Whoever registers by this link joins your team. It works once, for seven days, and is not shown again." />}
      </section>
      <section class="panel stack">
        <Pending client={client} {...pending} rooms={rooms.answer ?? new Map()} none="Nobody is invited right now, neither to your team nor to your rooms." />
      </section>
    </>
  );
}
