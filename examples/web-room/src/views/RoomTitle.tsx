import { useState } from "preact/hooks";
import type { User } from "@vizroom/client";
import { go } from "../route";
import type { RoomState } from "../room/state";
import { Icon } from "./Icon";
import { MembersDialog } from "./MembersDialog";
import { Menu } from "./Menu";
import { type Deed, RoomDialog, roomDeeds } from "./RoomDialogs";

/** The room's name, and what can be done with it. */
export function RoomTitle({ room, me }: { room: RoomState; me: User }) {
  const [deed, setDeed] = useState<Deed | "members">();
  const info = room.info.value;
  if (!info) return <h1 class="room-title"><span class="skeleton title-skeleton" /></h1>;
  const members = room.members.value;
  const last = info.role === "owner" && members.filter(({ role }) => role === "owner").length === 1;
  const stays = last ? (members.length > 1 ? "Make somebody else an owner first" : "Nobody else is here: delete it instead") : undefined;
  const close = () => setDeed(undefined);
  const done = () => (deed === "rename" ? close() : go({ page: "rooms" }, true));
  return (
    <>
      <h1 class="room-title" title={info.description ? `${info.name}\n${info.description}` : info.name}>
        <Menu label={`${info.name}: what to do with this room`} plain testid="room-menu"
          button={<><span class="room-title-text">{info.name}</span><Icon name="down" size={14} /></>}
          items={[
            { label: "Members…", icon: "people", testid: "room-members", run: () => setDeed("members") },
            ...roomDeeds(info, setDeed, stays),
          ]} />
      </h1>
      {deed === "members" && <MembersDialog room={room} me={me} close={close} />}
      {deed && deed !== "members" && (
        <RoomDialog deed={deed} client={room.client} room={{ ...info, members: members.length }} close={close} done={done} />
      )}
    </>
  );
}
