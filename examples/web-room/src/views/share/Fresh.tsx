import { useEffect, useRef } from "preact/hooks";
import type { DashboardRefresh } from "@vizroom/client";
import { formatMoment } from "../../format";
import type { RoomState } from "../../room/state";
import { Icon } from "../Icon";
import { Failed, Problem, useAnswer, useWork, Waiting } from "../work";

const INTERVALS: [number, string][] = [[0, "Only when asked"], [300, "Every 5 minutes"], [900, "Every 15 minutes"], [3600, "Every hour"], [86400, "Every day"]];

/** How often the data is queried again, and how the last time went. */
export function Fresh({ room, id }: { room: RoomState; id: string }) {
  const { answer, setAnswer, problem, again } = useAnswer(() => room.client.call("dashboard.refresh_settings", { dashboard_id: id }), [id, room.refreshes.value]);
  const deed = useWork();
  const work = async (what: () => Promise<DashboardRefresh>) => {
    await deed.work(async () => {
      const now = await what();
      setAnswer(() => now);
    });
    // Also who shows it elsewhere asks again; after a failure there is more to know.
    room.refreshes.value++;
  };
  const failed = useRef<HTMLParagraphElement>(null);
  // Below the others it might not be seen.
  useEffect(() => void (deed.problem && failed.current?.scrollIntoView({ block: "nearest" })), [deed.problem, answer?.failures]);
  const choose = (interval: number) => void work(() =>
    room.client.call("dashboard.set_refresh", { dashboard_id: id, enabled: interval > 0, ...(interval > 0 && { interval }) }));
  return (
    <section class="stack" aria-busy={deed.busy}>
      <h3>Kept fresh</h3>
      {problem ? <Failed problem={problem} again={again} /> : !answer ? <Waiting lines={1} /> : (
        <>
          {answer.last_error && (
            <p ref={failed} class="note bad" role="alert" data-testid="refresh-failed">
              <span>The last {answer.failures > 1 ? `${answer.failures} attempts` : "attempt"} failed: {answer.last_error}</span>
            </p>
          )}
          <div class="row wrap">
            <select class="grow" aria-label="Refresh" value={answer.enabled ? answer.interval : 0} disabled={deed.busy} data-testid="refresh-interval"
              onChange={(event) => choose(Number(event.currentTarget.value))}>
              {INTERVALS.map(([seconds, label]) => <option key={seconds} value={seconds}>{label}</option>)}
            </select>
            <button disabled={deed.busy} data-testid="refresh-now" onClick={() => void work(() => room.client.call("dashboard.refresh", { dashboard_id: id }))}>
              {deed.busy ? <span class="spinner" /> : <Icon name="retry" />}Refresh now
            </button>
          </div>
          <p class="hint" data-testid="refresh-state">
            {answer.last_refreshed_at ? `Refreshed ${formatMoment(answer.last_refreshed_at)}.` : "Not refreshed yet."}
            {answer.next_refresh_at && ` Next ${formatMoment(answer.next_refresh_at)}.`}
          </p>
        </>
      )}
      {!answer?.last_error && <Problem text={deed.problem} />}
    </section>
  );
}

/** Beside a dashboard's title: how fresh it is, if it is kept fresh or that failed. */
export function Freshness({ room, id, open }: { room: RoomState; id: string; open: (() => void) | undefined }) {
  const { answer } = useAnswer(() => room.client.call("dashboard.refresh_settings", { dashboard_id: id }), [id, room.refreshes.value]);
  if (!answer || (!answer.enabled && !answer.last_error)) return null;
  const often = INTERVALS.find(([seconds]) => seconds === answer.interval)?.[1].toLowerCase();
  const when = answer.last_refreshed_at ? formatMoment(answer.last_refreshed_at) : "not yet";
  const text = answer.last_error ? "Refresh failed" : `Refreshed ${when}`;
  const about = answer.last_error ?? `Refreshes ${often}`;
  const shown = <><Icon name={answer.last_error ? "warn" : "retry"} size={13} />{text}</>;
  const look = { class: answer.last_error ? "freshness bad" : "freshness", title: about, "data-testid": "freshness" };
  return open ? <button {...look} onClick={open}>{shown}</button> : <span {...look}>{shown}</span>;
}
