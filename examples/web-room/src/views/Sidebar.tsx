import { useEffect, useState } from "preact/hooks";
import type { DataConnection, File as Uploaded } from "@vizroom/client";
import { formatBytes, formatCount, formatNumber, formatValue } from "../format";
import { message } from "../http";
import { deleteDashboard } from "../room/actions";
import type { RoomState } from "../room/state";
import { upload, uploads } from "../room/upload";
import { complain, say } from "../toast";
import { kindOf } from "./databases/kinds";
import { TablesDialog } from "./databases/TablesDialog";
import { Dialog } from "./Dialog";
import { Icon } from "./Icon";
import { Menu } from "./Menu";
import { UploadItem } from "./UploadItem";

const ACCEPT = ".csv,.tsv,.json,.ndjson,.jsonl,.parquet,.arrow,.feather,.sqlite,.sqlite3,.db,.gz";

/** The room's data and its dashboards. */
export function Sidebar({ room, chosen }: { room: RoomState; chosen: () => void }) {
  const [linking, setLinking] = useState(false);
  const [looked, setLooked] = useState<DataConnection>();
  const files = room.files.value;
  const arriving = uploads.value.filter((one) => one.room === room.id);
  const here = room.info.value !== undefined;
  return (
    <nav class="sidebar" aria-label="Data and dashboards">
      <section>
        <header>
          <h2>Data</h2>
          {room.mayEdit.value && <button class="link" onClick={() => setLinking(true)} data-testid="link-files">Your files</button>}
        </header>
        {room.mayEdit.value && <DropZone room={room} />}
        <ul>
          {arriving.map((one) => <UploadItem key={one.id} upload={one} />)}
          {files.map((file) => <FileItem key={file.id} file={file} />)}
          {room.databases.value.map((one) => (
            <li key={one.id} class="file" data-testid="database-item" data-name={one.name}>
              <button class="plain" aria-haspopup="dialog" onClick={() => setLooked(one)}>
                <Icon name="database" />
                <span class="grow"><span class="file-name" title={one.name}>{one.name}</span><span class="hint">{kindOf(one.kind)}</span></span>
              </button>
            </li>
          ))}
        </ul>
        {here && files.length === 0 && arriving.length === 0 && (
          <p class="hint">{room.mayEdit.value ? "No files yet. Add one to begin." : "No data yet. The editors of this room add it."}</p>
        )}
      </section>
      <section>
        <header><h2>Dashboards</h2></header>
        {here && room.dashboards.value.length === 0 && <p class="hint">{room.mayEdit.value ? "None yet. Ask for one." : "None yet."}</p>}
        <ul data-testid="dashboard-list">
          {room.dashboards.value.map((one) => (
            <li key={one.id} class="board-item" aria-current={one.id === room.selected.value ? "true" : undefined}>
              <button class="plain" data-testid="dashboard-item" title={one.title} onClick={() => { room.select(one.id); chosen(); }}>
                <Icon name="board" /><span class="grow">{one.title}</span>
                {one.stale && <span class="hint" title="Its data was replaced or deleted since, or could not be read again; any filter runs it again">old data</span>}
                {one.status === "processing" && <span class="spinner" aria-label="being made" />}
              </button>
              {room.mayEdit.value && (
                <Menu label={`More about ${one.title}`} items={[
                  { label: "Delete", icon: "trash", bad: true, run: () => deleteDashboard(room, one.id, one.title) },
                ]} />
              )}
            </li>
          ))}
        </ul>
      </section>
      {looked && <TablesDialog client={room.client} about={looked} close={() => setLooked(undefined)} />}
      {linking && <LinkDialog room={room} close={() => setLinking(false)} />}
    </nav>
  );
}

function DropZone({ room }: { room: RoomState }) {
  return (
    <label class="drop-zone" data-testid="drop-zone">
      <Icon name="upload" />
      <span><b>Add data</b><span class="hint">Drop files anywhere, or choose</span></span>
      <input type="file" multiple accept={ACCEPT} data-testid="file-input" class="unseen"
        onChange={(event) => {
          const chosen = [...(event.currentTarget.files ?? [])];
          // The same file may be chosen again after it was mended.
          event.currentTarget.value = "";
          upload(room, chosen);
        }} />
    </label>
  );
}

function FileItem({ file }: { file: Uploaded }) {
  const [open, setOpen] = useState(false);
  const rows = file.datasets.reduce((sum, dataset) => sum + dataset.rows, 0);
  const columns = file.datasets[0]?.columns.length ?? 0;
  const about = file.datasets.length > 1 ? formatCount(file.datasets.length, "table") : formatCount(columns, "column");
  return (
    <li class="file" data-testid="file-item" data-name={file.name}>
      <button class="plain" aria-expanded={open} onClick={() => setOpen(!open)}>
        <Icon name={open ? "down" : "right"} />
        <span class="grow">
          <span class="file-name" title={file.name}>{file.name}</span>
          <span class="hint">{formatCount(rows, "row")} · {about} · <span class="whole">{formatBytes(file.size)}</span></span>
        </span>
        {file.warnings && file.warnings.length > 0 && <span class="warned" title={file.warnings.join("\n")}><Icon name="warn" /></span>}
      </button>
      {open && (
        <div class="profile">
          {file.warnings?.map((warning) => <p key={warning} class="note warn"><Icon name="warn" />{warning}</p>)}
          {file.datasets.map((dataset) => (
            <table key={dataset.name}>
              {file.datasets.length > 1 && <caption>{dataset.name} · {formatCount(dataset.rows, "row")}</caption>}
              <tbody>
                {dataset.columns.map((column) => (
                  <tr key={column.name}>
                    <th scope="row" title={column.name}>{column.name}</th>
                    <td title={`${formatCount(column.distinct, "distinct value")}, ${column.nulls.toLocaleString("en")} empty`}>{summary(column)}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          ))}
        </div>
      )}
    </li>
  );
}

function summary({ type, min, max, distinct, top }: Uploaded["datasets"][number]["columns"][number]): string {
  if (type === "text") return distinct <= 4 && top ? top.join(", ") : `${formatNumber(distinct)} values`;
  if (type === "boolean") return "yes / no";
  const [from, to] = [min, max].map((value) => formatValue(value, type, type === "timestamp" ? "day" : undefined));
  return from === to ? String(from) : `${from} – ${to}`;
}

/** Files of the tenant that are not in this room yet. */
function LinkDialog({ room, close }: { room: RoomState; close: () => void }) {
  const [files, setFiles] = useState<Uploaded[]>();
  const [problem, setProblem] = useState<string>();
  useEffect(() => {
    room.client.call("file.list", {}).then((reply) => setFiles(reply.files), (error) => setProblem(message(error)));
  }, [room]);
  const here = new Set(room.files.value.map((file) => file.id));
  const others = files?.filter((file) => !here.has(file.id));
  const link = (file: Uploaded) => {
    room.client.call("file.link", { room_id: room.id, file_ids: [file.id] }).then(() => {
      room.addFiles([file]);
      say(`${file.name} can be asked about in this room now`);
    }, complain);
  };
  return (
    <Dialog title="Your files" close={close}>
      {problem && <p class="problem" role="alert">{problem}</p>}
      {others?.length === 0 && <p class="muted">Everything you have uploaded is in this room already.</p>}
      <ul class="members">
        {others?.map((file) => (
          <li key={file.id}>
            <Icon name="file" />
            <span class="grow"><b>{file.name}</b><span class="muted">{formatBytes(file.size)}</span></span>
            <button onClick={() => link(file)}>Add to the room</button>
          </li>
        ))}
      </ul>
    </Dialog>
  );
}
