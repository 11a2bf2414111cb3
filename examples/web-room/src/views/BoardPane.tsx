import { useState } from "preact/hooks";
import type { Clarification } from "@vizroom/client";
import { formatCount } from "../format";
import { cancel, generate, refine } from "../room/actions";
import type { Board } from "../room/board";
import { shown } from "../room/filtering";
import type { RoomState } from "../room/state";
import { suggestions } from "../room/suggest";
import { path } from "../route";
import { lookOf } from "../theme";
import { CardView } from "./CardView";
import { Filters } from "./Filters";
import { Icon } from "./Icon";
import { PrintButton } from "./PrintButton";
import { Progress } from "./Progress";
import { Prompt } from "./Prompt";
import { RelationsDialog } from "./RelationsDialog";
import { RefineBox, type Target } from "./RefineBox";
import { Freshness } from "./share/Fresh";
import { ShareDialog } from "./share/ShareDialog";
import { SkeletonCard } from "./Skeleton";

/** The middle of the room: ask, watch it being drawn, look, filter, refine. */
export function BoardPane({ room }: { room: RoomState }) {
  const board = room.board.value;
  const [target, setTarget] = useState<Target>();
  const known = room.info.value !== undefined;
  const here = board?.dashboard?.cards.find((card) => card.key === target?.key) && target;
  return (
    <main class="board-pane">
      <div class="board-scroll">
        <div class="board-width">
          {room.mayEdit.value && <Prompt room={room} compact={board !== undefined} />}
          {!known && <Loading />}
          {known && !board && <Welcome room={room} />}
          {board && <BoardView key={board.id} room={room} board={board} refineCard={setTarget} />}
        </div>
      </div>
      {board?.dashboard && !board.filling && board.dashboard.cards.length > 0 && room.mayEdit.value && (
        <RefineBox key={board.id} room={room} id={board.id} target={here} clearTarget={() => setTarget(undefined)} busy={board.working.size > 0} />
      )}
    </main>
  );
}

function BoardView({ room, board, refineCard }: { room: RoomState; board: Board; refineCard: (target: Target) => void }) {
  const { filling } = board;
  const dashboard = shown(board);
  const [sharing, setSharing] = useState(false);
  const [relating, setRelating] = useState(false);
  if (!dashboard) return <Loading />;
  const cards = dashboard.cards.filter((card) => !board.hidden.has(card.key));
  const tables = dashboard.connection ? 2 : (dashboard.origins?.length ?? 0);
  const places = new Map(dashboard.layout.items.map((item) => [item.key, item]));
  const missing = filling ? Math.max(0, (filling.planned ?? 4) - cards.length) : 0;
  return (
    <article class="board" data-look={lookOf(dashboard.theme)} data-testid="dashboard" data-status={dashboard.status} data-revision={dashboard.revision}>
      <header class="board-header">
        <div class="grow">
          <h2>{dashboard.title}</h2>
          {dashboard.description && <p class="muted">{dashboard.description}</p>}
          {dashboard.connection && <p class="hint" data-testid="board-database"><Icon name="database" size={12} /> Asks the database “{dashboard.connection.connection_name}”</p>}
          {!filling && <Freshness room={room} id={board.id} open={room.mayEdit.value ? () => setSharing(true) : undefined} />}
        </div>
        {tables > 1 && !filling && (
          <button class="icon-button" data-testid="relate" aria-label="How the tables hang together" title="How the tables hang together" onClick={() => setRelating(true)}>
            <Icon name="relation" />
          </button>
        )}
        {cards.length > 0 && !filling && <PrintButton />}
        {room.mayEdit.value && !filling && (
          <button data-testid="share" onClick={() => setSharing(true)}><Icon name="link" />Share</button>
        )}
      </header>
      {relating && <RelationsDialog room={room} id={board.id} close={() => setRelating(false)} />}
      {sharing && <ShareDialog room={room} id={board.id} close={() => setSharing(false)} />}
      {filling && <Progress filling={filling} cancel={room.mayEdit.value ? () => cancel(room, board.id) : undefined} done={cards.length} />}
      <Notes room={room} board={board} />
      <Filters room={room} board={board} cards={cards} relate={room.mayEdit.value && tables > 1 ? () => setRelating(true) : undefined} />
      <div class={`grid ${places.size > 0 ? "placed" : "flowing"}`} data-pending={board.wanted !== undefined}>
        {cards.map((card) => (
          <CardView key={card.key} room={room} board={board} card={card} place={places.get(card.key)} theme={dashboard.theme}
            refine={() => refineCard({ key: card.key, title: card.title })} />
        ))}
        {Array.from({ length: missing }, (_, index) => <SkeletonCard key={`skeleton-${index}`} index={index} />)}
      </div>
      {cards.length === 0 && !filling && !board.clarification && !board.failure && (
        <div class="empty"><Icon name="board" size={28} /><p class="muted">
          {dashboard.status === "failed" ? "This ended before anything was drawn." : "There is nothing on this dashboard."}
        </p></div>
      )}
    </article>
  );
}

/** What the server wants a person to know about this dashboard. */
function Notes({ room, board }: { room: RoomState; board: Board }) {
  const { clarification, failure, warnings } = board;
  const missing = board.dashboard?.missing_tables ?? [];
  const answer = (suggestion: string) => {
    room.change(board.id, (old) => ({ ...old, clarification: undefined }));
    const { dashboard } = board;
    if (dashboard && dashboard.cards.length > 0) return void refine(room, board.id, suggestion);
    const database = dashboard?.connection?.connection_name;
    void generate(room, suggestion, { ...(dashboard && { theme: dashboard.theme }), ...(database && { connection_name: database }) });
  };
  return (
    <>
      {failure && !clarification && <p class="note bad" role="alert"><Icon name="warn" />{failure}</p>}
      {clarification && <Question asked={clarification} answer={answer} mayAnswer={room.mayEdit.value} />}
      {missing.length > 0 && (
        <p class="note warn"><Icon name="info" />The file of {missing.join(", ")} has been deleted: its charts keep the rows they had.</p>
      )}
      {warnings.map((warning) => (
        <p key={warning} class="note warn">
          <Icon name="info" /><span class="grow">{warning}</span>
          <button class="icon-button small" aria-label="Dismiss"
            onClick={() => room.change(board.id, (old) => ({ ...old, warnings: old.warnings.filter((one) => one !== warning) }))}>
            <Icon name="close" />
          </button>
        </p>
      ))}
    </>
  );
}

function Question({ asked, answer, mayAnswer }: { asked: Clarification; answer: (suggestion: string) => void; mayAnswer: boolean }) {
  return (
    <section class="question" data-testid="clarification" aria-live="polite">
      <Icon name="question" size={20} />
      <div>
        <p>{asked.message}</p>
        {asked.missing.length > 0 && <p class="muted">Not found in the data: {asked.missing.join(", ")}</p>}
        {mayAnswer && asked.suggestions.length > 0 && (
          <div class="chips">
            {asked.suggestions.map((suggestion) => (
              <button key={suggestion} class="chip" data-testid="suggestion" onClick={() => answer(suggestion)}>{suggestion}</button>
            ))}
          </div>
        )}
      </div>
    </section>
  );
}

function Loading() {
  return (
    <div class="grid flowing" role="status" aria-busy="true" aria-label="Loading">
      {[0, 1, 2, 3].map((index) => <SkeletonCard key={index} index={index} />)}
    </div>
  );
}

/** A room in which nothing was asked yet. */
function Welcome({ room }: { room: RoomState }) {
  const files = room.files.value;
  const database = room.database.value;
  if (database) {
    return (
      <div class="empty welcome">
        <Icon name="database" size={32} />
        <h2>“{database}” can be asked</h2>
        <p class="muted">Write above what you want to see of this database, or choose the room’s files there instead.</p>
        {files.length === 0 && <p class="muted">Files can be dropped here as well: CSV, TSV, JSON, Parquet, Arrow or SQLite.</p>}
      </div>
    );
  }
  if (files.length === 0) {
    return (
      <div class="empty welcome">
        <Icon name="upload" size={32} />
        <h2>Begin with some data</h2>
        <p class="muted">
          Drop a file here: CSV, TSV, JSON, Parquet, Arrow or SQLite, also gzipped.<br />
          Everybody in the room can then ask it questions.
        </p>
        <p class="muted">
          Or <a href={path({ page: "settings", part: "databases" })}>let it read a database</a>.
        </p>
      </div>
    );
  }
  const rows = files.flatMap((file) => file.datasets).reduce((sum, dataset) => sum + dataset.rows, 0);
  return (
    <div class="empty welcome">
      <Icon name="spark" size={32} />
      <h2>{formatCount(rows, "row")} ready</h2>
      <p class="muted">
        {suggestions(files).length > 0 ? "Ask in your own words above, or start from one of the suggestions." : "Ask in your own words above."}
      </p>
    </div>
  );
}
