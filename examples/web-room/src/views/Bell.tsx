import { formatCount, formatMoment } from "../format";
import { markRead, notifications, unread } from "../notifications";
import { go } from "../route";
import { Icon } from "./Icon";
import { Menu, type Item } from "./Menu";

/** What concerns oneself, in whichever room; a number while some of it is unread. */
export function Bell() {
  const items = notifications.value.map(({ text, room_id, created_at }): Item => ({
    label: `${text} · ${formatMoment(created_at)}`,
    testid: "notification",
    ...(room_id && { run: () => go({ page: "room", room: room_id }) }),
  }));
  const none: Item = { label: "Nothing yet: mentions of you and rooms you are added to appear here.", note: true };
  return (
    <Menu label={unread.value ? formatCount(unread.value, "unread notification") : "Notifications"} testid="bell" wide
      button={<><Icon name="bell" />{unread.value > 0 && <span class="count" data-testid="unread">{Math.min(unread.value, 99)}</span>}</>}
      items={items.length ? items : [none]} opened={markRead} />
  );
}
