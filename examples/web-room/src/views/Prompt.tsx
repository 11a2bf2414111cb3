import { useState } from "preact/hooks";
import type { Theme } from "@vizroom/client";
import { palette } from "../chart/palette";
import { preferences } from "../preferences";
import { generate } from "../room/actions";
import type { RoomState } from "../room/state";
import { suggestions } from "../room/suggest";
import { lookOf } from "../theme";
import { Icon } from "./Icon";

const PROMPT_MAX = 4_000;
export const THEMES: Theme[] = ["slate", "ocean", "forest", "sunset", "mono", "dark"];
export const COUNTS = [2, 4, 6, 8, 12];

/** A question to the data; the answer is a new dashboard. */
export function Prompt({ room, compact }: { room: RoomState; compact: boolean }) {
  const [text, setText] = useState("");
  const [theme, setTheme] = useState<Theme>();
  const [count, setCount] = useState<number>();
  const [busy, setBusy] = useState(false);
  const [open, setOpen] = useState(false);
  const database = room.database.value;
  const ideas = database ? [] : suggestions(room.files.value);
  const usual = preferences.value;
  const colours = theme ?? usual.theme;
  const most = count ?? usual.max_charts;
  const options = open || text !== "" || !compact;

  const ask = async (prompt: string) => {
    if (!prompt.trim() || busy) return;
    setBusy(true);
    const begun = await generate(room, prompt.trim(), {
      ...(colours && { theme: colours }), ...(most && { max_charts: most }), ...(database && { connection_name: database }),
    });
    setBusy(false);
    if (!begun) return;
    setText("");
    setOpen(false);
  };

  return (
    <form class={`prompt ${compact ? "compact" : ""}`} onSubmit={(event) => { event.preventDefault(); void ask(text); }}
      onFocusIn={() => setOpen(true)}
      onFocusOut={(event) => !event.currentTarget.contains(event.relatedTarget as Node | null) && setOpen(false)}>
      <div class="prompt-box">
        <textarea rows={1} maxLength={PROMPT_MAX} value={text} aria-label="What do you want to see?" placeholder="What do you want to see?"
          data-testid="prompt" onInput={(event) => setText(event.currentTarget.value)}
          onKeyDown={(event) => {
            if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
            event.preventDefault();
            void ask(text);
          }} />
        <button class="primary" disabled={busy || !text.trim()} aria-label="Generate" data-testid="generate">
          {busy ? <span class="spinner" /> : <Icon name="spark" />}<span class="button-text">Generate</span>
        </button>
      </div>
      {options && (
        <div class="prompt-more">
          <div class="chips">
            {ideas.map((idea) => (
              <button key={idea} type="button" class="chip" data-testid="example" onClick={() => { setText(idea); void ask(idea); }}>{idea}</button>
            ))}
          </div>
          <div class="prompt-options">
            <fieldset class="swatches">
              <legend class="unseen">Colours</legend>
              {THEMES.map((name) => (
                <label key={name} title={name}>
                  <input type="radio" name="theme" class="unseen" checked={name === (colours ?? THEMES[0])} onChange={() => setTheme(name)} aria-label={name} />
                  <Swatch theme={name} />
                </label>
              ))}
            </fieldset>
            {room.databases.value.length > 0 && (
              <select aria-label="What to ask" value={database} data-testid="prompt-database" onChange={(event) => (room.asked.value = event.currentTarget.value)}>
                <option value="">The files of this room</option>
                {room.databases.value.map(({ id, name }) => <option key={id} value={name}>Database “{name}”</option>)}
              </select>
            )}
            <select aria-label="How many charts" value={most ?? 0} onChange={(event) => setCount(Number(event.currentTarget.value))}>
              <option value={0}>As many charts as it needs</option>
              {COUNTS.map((n) => <option key={n} value={n}>At most {n} charts</option>)}
            </select>
          </div>
        </div>
      )}
    </form>
  );
}

export function Swatch({ theme }: { theme: Theme }) {
  const colours = palette(theme, lookOf(theme)).slice(0, 3);
  return (
    <svg class="swatch" width="30" height="18" viewBox="0 0 30 18" aria-hidden="true" data-look={lookOf(theme)}>
      {theme === "dark" && <rect width="30" height="18" rx="5" class="swatch-ground" />}
      {colours.map((colour, index) => <circle key={colour} cx={8 + index * 7} cy={9} r={5} fill={colour} />)}
    </svg>
  );
}
