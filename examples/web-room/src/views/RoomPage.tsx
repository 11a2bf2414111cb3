import { effect } from "@preact/signals";
import { useEffect, useMemo, useState } from "preact/hooks";
import type { Client, User } from "@vizroom/client";
import { RoomState } from "../room/state";
import { recover, upload } from "../room/upload";
import { go, path, route } from "../route";
import { complain } from "../toast";
import { BoardPane } from "./BoardPane";
import { Chat } from "./Chat";
import { Corner } from "./Header";
import { Icon } from "./Icon";
import { People } from "./People";
import { RoomTitle } from "./RoomTitle";
import { Sidebar } from "./Sidebar";

type Panel = "data" | "chat";
const WIDE = matchMedia("(min-width: 1180px)");
const MIDDLE = matchMedia("(min-width: 820px)");

/** A room: data left, dashboards in the middle, the conversation right. */
export default function RoomPage({ id, client, me }: { id: string; client: Client; me: User }) {
  const room = useMemo(() => {
    const state = new RoomState(client, id, me.id);
    const at = route.peek();
    if (at.page === "room") state.selected.value = at.dashboard;
    return state;
  }, [client, id, me.id]);
  const [panels, setPanels] = useState(fitting);
  useEffect(() => whenWidthChanges(() => setPanels(fitting())), []);

  useEffect(() => () => room.leave(), [room]);
  useEffect(() => void recover(room, me.id).catch(complain), [room, me.id]);
  useEffect(() => followRoute(room), [room]);
  const name = room.info.value?.name;
  useEffect(() => {
    if (name) document.title = `${name} · vizroom`;
    return () => void (document.title = "vizroom");
  }, [name]);

  const toggle = (panel: Panel) => {
    const next = new Set(panels);
    if (!next.delete(panel)) {
      // Where they lie over the dashboard, one at a time.
      if (!MIDDLE.matches) next.clear();
      next.add(panel);
    }
    setPanels(next);
  };

  if (room.error.value) return <Gone text={room.error.value.message} />;
  return (
    <DropTarget room={room}>
      <header class="top">
        <div class="top-left">
          <a class="icon-button" href={path({ page: "rooms" })} aria-label="All rooms" title="All rooms"><Icon name="back" /></a>
          <PanelButton panel="data" icon="panel" label="Data and dashboards" panels={panels} toggle={toggle} />
          <RoomTitle room={room} me={me} />
        </div>
        <Corner>
          <People room={room} me={me} />
          <PanelButton panel="chat" icon="chat" label="Conversation" panels={panels} toggle={toggle} />
        </Corner>
      </header>
      <div class="room" data-data={panels.has("data")} data-chat={panels.has("chat")}>
        <Sidebar room={room} chosen={() => !MIDDLE.matches && setPanels(new Set())} />
        <BoardPane room={room} />
        <Chat room={room} me={me} />
        {panels.size > 0 && <button class="scrim" aria-label="Close the panel" onClick={() => setPanels(new Set())} />}
      </div>
    </DropTarget>
  );
}

/** The panels that have a place of their own beside the dashboard. */
function fitting(): ReadonlySet<Panel> {
  return new Set<Panel>(WIDE.matches ? ["data", "chat"] : MIDDLE.matches ? ["data"] : []);
}

function whenWidthChanges(changed: () => void): () => void {
  const both = [WIDE, MIDDLE];
  for (const query of both) query.addEventListener("change", changed);
  return () => both.forEach((query) => query.removeEventListener("change", changed));
}

interface PanelButtonProps {
  panel: Panel;
  icon: "panel" | "chat";
  label: string;
  panels: ReadonlySet<Panel>;
  toggle: (panel: Panel) => void;
}

function PanelButton({ panel, icon, label, panels, toggle }: PanelButtonProps) {
  return (
    <button class="icon-button" aria-label={label} title={label} aria-pressed={panels.has(panel)} data-testid={`toggle-${panel}`}
      onClick={() => toggle(panel)}><Icon name={icon} /></button>
  );
}

/** The address names the dashboard shown, so that reloading and sharing it lead to the same place. */
function followRoute(room: RoomState): () => void {
  const toAddress = effect(() => {
    const dashboard = room.selected.value;
    const at = route.peek();
    if (at.page === "room" && at.room === room.id && at.dashboard !== dashboard) {
      go({ page: "room", room: room.id, ...(dashboard && { dashboard }) }, true);
    }
  });
  const fromAddress = effect(() => {
    const at = route.value;
    if (at.page !== "room" || at.room !== room.id || !at.dashboard) return;
    if (room.selected.peek() !== at.dashboard && room.info.peek()) room.select(at.dashboard);
  });
  return () => {
    toAddress();
    fromAddress();
  };
}

/** Files may be dropped anywhere on the room. */
function DropTarget({ room, children }: { room: RoomState; children: preact.ComponentChildren }) {
  const [over, setOver] = useState(false);
  const carriesFiles = (event: DragEvent) => event.dataTransfer?.types.includes("Files") && room.mayEdit.value;
  return (
    <div class="page"
      onDragEnter={(event) => carriesFiles(event) && setOver(true)}
      onDragOver={(event) => carriesFiles(event) && event.preventDefault()}
      onDragLeave={(event) => !event.currentTarget.contains(event.relatedTarget as Node | null) && setOver(false)}
      onDrop={(event) => {
        if (!carriesFiles(event)) return;
        event.preventDefault();
        setOver(false);
        upload(room, [...(event.dataTransfer?.files ?? [])]);
      }}>
      {children}
      {over && (
        <div class="drop-curtain" aria-hidden="true">
          <div><Icon name="upload" size={32} /><p>Drop to add to this room</p></div>
        </div>
      )}
    </div>
  );
}

function Gone({ text }: { text: string }) {
  return (
    <div class="page">
      <header class="top"><a class="icon-button" href={path({ page: "rooms" })} aria-label="All rooms"><Icon name="back" /></a><Corner /></header>
      <main class="empty full">
        <Icon name="question" size={32} />
        <h1>This room cannot be opened</h1>
        <p class="muted">{text.charAt(0).toUpperCase() + text.slice(1)}</p>
        <a class="button" href={path({ page: "rooms" })}>Back to your rooms</a>
      </main>
    </div>
  );
}
