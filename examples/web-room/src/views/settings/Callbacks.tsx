import { useState } from "preact/hooks";
import type { Client } from "@vizroom/client";
import { formatDay } from "../../format";
import { Once } from "../CopyField";
import { Icon } from "../Icon";
import { Failed, Problem, useAnswer, useWork, Waiting } from "../work";

/** Bytes of a secret made here. */
const SECRET_BYTES = 32;

/** What the team's callbacks are signed with, so that who gets them knows where they come from. */
export function Callbacks({ client }: { client: Client }) {
  const { answer, setAnswer, problem, again } = useAnswer(() => client.call("callback.settings", {}), [client]);
  const [made, setMade] = useState<string>();
  const deed = useWork();
  const put = (secret: string | null) => void deed.work(async () => {
    const now = await client.call("callback.set_secret", { secret });
    setAnswer(() => now);
    setMade(secret ?? undefined);
  });
  return (
    <section class="panel stack" data-testid="callbacks">
      <h2>Callbacks</h2>
      <p class="hint">When a program has a dashboard generated with a <code>callback_url</code>, the call to it is signed with this secret, unless the program brings one of its own.</p>
      {problem ? <Failed problem={problem} again={again} /> : !answer ? <Waiting lines={1} /> : (
        <div class="row wrap">
          <p class="grow muted" data-testid="callback-state">{answer.has_secret ? `Your team has a secret${answer.set_at ? ` since ${formatDay(answer.set_at)}` : ""}.` : "Your team has none."}</p>
          <button disabled={deed.busy} data-testid="callback-make" onClick={() => put(secret())}><Icon name="key" />{answer.has_secret ? "Make another" : "Make a secret"}</button>
          {answer.has_secret && <button class="bad" disabled={deed.busy} data-testid="callback-remove" onClick={() => put(null)}>Remove</button>}
        </div>
      )}
      {made && <Once label="The secret" value={made} testid="callback-secret" about="Copy it now to where callbacks arrive: it is not shown again." />}
      <Problem text={deed.problem} />
    </section>
  );
}

function secret(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(SECRET_BYTES));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
