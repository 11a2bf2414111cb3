import type { ComponentChildren } from "preact";
import { useEffect } from "preact/hooks";
import type { Client, User } from "@vizroom/client";
import { path } from "../../route";
import { Databases } from "../databases/Databases";
import { Corner } from "../Header";
import { Icon, type IconName } from "../Icon";
import { Activity } from "./Activity";
import { Keys } from "./Keys";
import { Preferences } from "./Preferences";
import { Team } from "./Team";

interface Props {
  part: string;
  client: Client;
  me: User;
}

const PARTS: [string, string, IconName, (props: Omit<Props, "part">) => ComponentChildren][] = [
  ["", "You", "gear", (props) => <Preferences {...props} />],
  ["databases", "Databases", "database", ({ client }) => <Databases client={client} />],
  ["keys", "API keys", "key", (props) => <Keys {...props} />],
  ["team", "Invitations", "mail", (props) => <Team {...props} />],
  ["activity", "Activity", "list", (props) => <Activity {...props} />],
];

/** What is somebody's own or their team's, whichever room they are in. */
export default function SettingsPage({ part, client, me }: Props) {
  const [at, name, , view] = PARTS.find(([one]) => one === part) ?? PARTS[0]!;
  useEffect(() => {
    document.title = `${name} · vizroom`;
    return () => void (document.title = "vizroom");
  }, [name]);
  return (
    <div class="page">
      <header class="top">
        <div class="top-left">
          <a class="icon-button" href={path({ page: "rooms" })} aria-label="All rooms" title="All rooms"><Icon name="back" /></a>
          <h1 class="room-title">Settings</h1>
        </div>
        <Corner />
      </header>
      <div class="settings">
        <nav aria-label="Settings">
          {PARTS.map(([one, label, icon]) => (
            <a key={one} href={path({ page: "settings", part: one })} aria-current={one === at ? "page" : undefined} data-testid={`settings-${one || "you"}`}>
              <Icon name={icon} />{label}
            </a>
          ))}
        </nav>
        <main class="stack wide-gap" data-testid="settings-part" data-part={at}>{view({ client, me })}</main>
      </div>
    </div>
  );
}
