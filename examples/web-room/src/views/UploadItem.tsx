import { formatBytes } from "../format";
import { drop, pause, resume, type Upload } from "../room/upload";
import { Icon } from "./Icon";

/** A file on its way: how far it is, and a hand on it. */
export function UploadItem({ upload }: { upload: Upload }) {
  const { id, name, state, done, error, again } = upload;
  const going = state === "sending" || state === "lost" || state === "waiting";
  return (
    <li class="upload" data-testid="upload" data-state={state} data-name={name}>
      <span class="file-name" title={name}>{name}</span>
      <span class="row tools">
        {going && <button class="icon-button small" aria-label={`Pause ${name}`} title="Pause" data-testid="upload-pause" onClick={() => pause(id)}><Icon name="pause" /></button>}
        {(state === "paused" || again) && (
          <button class="icon-button small" aria-label={`Go on with ${name}`} title="Go on" data-testid="upload-resume" onClick={() => resume(id)}><Icon name={state === "paused" ? "play" : "retry"} /></button>
        )}
        {state !== "reading" && <button class="icon-button small" aria-label={`Stop ${name}`} title="Stop" data-testid="upload-stop" onClick={() => drop(id)}><Icon name="close" /></button>}
      </span>
      {error
        ? <p class="problem" role="alert">{error}</p>
        : <progress max={1} value={state === "reading" ? undefined : done} aria-label={`Upload of ${name}`} />}
      <span class="hint" data-testid="upload-state" data-share={Math.round(done * 100)}>{howFar(upload)}</span>
      {state === "cut" && (
        <label class="button small">Choose it again
          <input type="file" class="unseen" data-testid="upload-again" onChange={(event) => {
            const [file] = event.currentTarget.files ?? [];
            event.currentTarget.value = "";
            if (file) resume(id, file);
          }} />
        </label>
      )}
    </li>
  );
}

function howFar({ done, state, size }: Upload): string {
  const share = `${Math.round(done * 100)}% of ${formatBytes(size)}`;
  switch (state) {
    case "waiting": return `Waits, ${formatBytes(size)}`;
    case "sending": return done < 1 ? share : `${formatBytes(size)} sent; now it is read…`;
    case "lost": return `Connection lost at ${share}; it goes on by itself`;
    case "paused": return `Paused at ${share}`;
    case "cut": return `Stopped at ${share} when the page was left. It goes on from there.`;
    case "reading": return "Reading…";
    case "failed": return "";
  }
}
