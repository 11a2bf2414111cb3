import { useState } from "preact/hooks";
import type { FilterState } from "../../room/filter";
import type { RoomState } from "../../room/state";
import { Icon } from "../Icon";
import { Conditions } from "./Conditions";
import { limits, moment } from "./LinkView";

interface Wanted {
  name: string;
  filter_state: FilterState;
  password?: string;
  expires_at?: string;
  viewers_filter: boolean;
}

interface Props {
  room: RoomState;
  id: string;
  busy: boolean;
  /** True if it went well. */
  add: (wanted: Wanted) => Promise<boolean>;
}

/** Another link, which may show only some of the rows. It begins with what the room has filtered to. */
export function NewLink({ room, id, busy, add }: Props) {
  const filtered = room.boards.value.get(id)?.dashboard?.filter_state ?? {};
  const [state, setState] = useState<FilterState>();
  const shown = state ?? filtered;
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    const form = event.currentTarget as HTMLFormElement;
    const data = new FormData(form);
    const text = (name: string) => String(data.get(name) ?? "").trim();
    const ends = moment(text("ends"));
    const wanted = {
      name: text("name"), filter_state: shown, viewers_filter: data.has("viewers_filter"),
      ...(data.get("password") && { password: String(data.get("password")) }), ...(ends && { expires_at: ends }),
    };
    void add(wanted).then((well) => {
      if (!well) return;
      form.reset();
      setState(undefined);
      (form.closest("details") as HTMLDetailsElement).open = false;
    });
  };
  return (
    <details class="new-link">
      <summary>Another link</summary>
      <form class="stack" onSubmit={submit}>
        <p class="hint">With an address, a password, an end and rows of its own.</p>
        <div class="row wrap">
          <input class="grow" name="name" maxLength={100} placeholder="For whom" aria-label="For whom" data-testid="link-name" />
          <input class="grow" name="password" type="password" maxLength={256} autocomplete="new-password" placeholder="Password, if any" aria-label="Password of the new link" data-testid="new-link-password" />
          <label class="row">Ends<input type="datetime-local" name="ends" aria-label="Ends at" /></label>
        </div>
        <Conditions files={room.files.value} state={shown} change={setState} />
        <p class="hint" data-testid="new-link-limits">{limits(shown)} {Object.keys(shown).length > 0 && "Cards that cannot be limited so are left out. Nobody can change this later."}</p>
        <div class="row wrap">
          <label class="row grow"><input type="checkbox" name="viewers_filter" checked />Viewers may filter for themselves</label>
          <button class="primary" disabled={busy} data-testid="add-link"><Icon name="plus" />Add</button>
        </div>
      </form>
    </details>
  );
}
