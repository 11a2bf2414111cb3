import type { PublicLink } from "@vizroom/client";
import { chips, type FilterState } from "../../room/filter";
import { CopyField } from "../CopyField";
import { Icon } from "../Icon";

interface Change {
  name?: string;
  password?: string | null;
  expires_at?: string | null;
  viewers_filter?: boolean;
}

interface Props {
  link: PublicLink;
  busy: boolean;
  change: (more: Change, said?: string) => void;
  /** What ending it is called, and does. */
  end: [string, () => void];
}

/** A public link, and what can be said of it. */
export function LinkView({ link, busy, change, end: [label, end] }: Props) {
  // The server may be known by another name here than it knows itself.
  const url = `${location.origin}/public/dashboards/${link.slug}`;
  const over = link.expires_at != null && Date.parse(link.expires_at) <= Date.now();
  const setPassword = (event: SubmitEvent) => {
    event.preventDefault();
    const form = event.currentTarget as HTMLFormElement;
    change({ password: String(new FormData(form).get("password")) }, "The password is set; who came without it is out");
    form.reset();
  };
  return (
    <section class="share-link stack" data-testid="link" data-main={link.main} aria-label={link.name || "Public link"}>
      <header class="row wrap">
        {link.main ? <h4 class="grow">The dashboard’s own link</h4> : (
          <input class="grow quiet" aria-label="For whom" placeholder="For whom" maxLength={100} value={link.name} disabled={busy} data-testid="link-rename"
            onChange={(event) => change({ name: event.currentTarget.value.trim() })} />
        )}
        {over && <span class="badge bad">ended</span>}
        {link.has_password && <span class="badge"><Icon name="key" size={11} /> password</span>}
        <button class="bad" disabled={busy} data-testid={link.main ? "unpublish" : "end-link"} onClick={end}>{label}</button>
      </header>
      <CopyField label="Address" value={url} testid="public-url" />
      <p class="hint">{limits(link.filter_state)}</p>
      <div class="row wrap">
        <form class="row grow" onSubmit={setPassword}>
          <input class="grow" name="password" type="password" required maxLength={256} autocomplete="new-password" data-testid="link-password"
            aria-label="Password" placeholder={link.has_password ? "Another password" : "Ask for a password"} />
          <button disabled={busy} data-testid="set-password">Set</button>
          {link.has_password && (
            <button type="button" disabled={busy} data-testid="remove-password" onClick={() => change({ password: null }, "No password is needed any more")}>Remove</button>
          )}
        </form>
        <label class="row">Ends
          <input type="datetime-local" value={link.expires_at ? local(link.expires_at) : ""} aria-label="Ends at" disabled={busy} data-testid="link-ends"
            onChange={(event) => change({ expires_at: moment(event.currentTarget.value) })} />
        </label>
      </div>
      <label class="row">
        <input type="checkbox" checked={link.viewers_filter} disabled={busy} data-testid="viewers-filter"
          onChange={(event) => change({ viewers_filter: event.currentTarget.checked })} />
        Viewers may filter for themselves
      </label>
    </section>
  );
}

export function limits(state: FilterState): string {
  const all = chips(state).map((chip) => `${chip.label} ${chip.text}`);
  return all.length > 0 ? `Shows only rows with ${all.join(", ")}.` : "Shows all rows, live.";
}

/** RFC 3339, of what a `datetime-local` holds. */
export function moment(value: string): string | null {
  return value ? new Date(value).toISOString() : null;
}

/** As `datetime-local` wants it. */
function local(at: string): string {
  const date = new Date(at);
  return new Date(date.getTime() - date.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}
