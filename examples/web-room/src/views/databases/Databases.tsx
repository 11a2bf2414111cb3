import { useState } from "preact/hooks";
import type { Client, DataConnection, DataConnectionTested } from "@vizroom/client";
import { say } from "../../toast";
import { Confirm } from "../Confirm";
import { Icon } from "../Icon";
import { Menu } from "../Menu";
import { Failed, sentence, useAnswer, Waiting } from "../work";
import { DatabaseForm } from "./DatabaseForm";
import { kindOf, placeOf } from "./kinds";
import { TablesDialog } from "./TablesDialog";

/** What is asked of the page about one of them; `add` is about none. */
type Asked = { deed: "add" } | { deed: "change" | "delete" | "tables"; of: DataConnection };

/** How a test stands, or ended. */
type Test = "under way" | DataConnectionTested;

/** The databases that dashboards are made from, beside uploaded files. */
export function Databases({ client }: { client: Client }) {
  const { answer, problem, again } = useAnswer(() => client.call("data_connection.list", {}), [client]);
  const [asked, setAsked] = useState<Asked>();
  const [tests, setTests] = useState<ReadonlyMap<string, Test>>(new Map());
  const close = () => setAsked(undefined);
  const put = (id: string, test: Test) => setTests((all) => new Map([...all, [id, test]]));
  const test = async ({ id }: { id: string }) => {
    put(id, "under way");
    const failed = (error: unknown): DataConnectionTested => ({ ok: false, message: sentence(error), duration_ms: 0 });
    put(id, await client.call("data_connection.test", { connection_id: id }).catch(failed));
  };
  const saved = (one: DataConnection) => {
    close();
    again();
    // Whether it works is what one wants to know next.
    void test(one);
  };
  const remove = async (one: DataConnection) => {
    await client.call("data_connection.delete", { connection_id: one.id });
    say(`“${one.name}” is not known here any more`);
    close();
    again();
  };
  const mine = answer?.may_change ?? false;
  return (
    <section class="panel stack" data-testid="databases">
      <div class="row wrap">
        <h2 class="grow">Databases</h2>
        {mine && <button class="primary" data-testid="database-add" onClick={() => setAsked({ deed: "add" })}><Icon name="plus" />Add a database</button>}
      </div>
      <p class="hint">Everybody in your team may make dashboards from them, as from uploaded files. They are only ever read.</p>
      {answer && !mine && (
        <p class="note" data-testid="databases-not-yours"><Icon name="info" />Whoever registered your team adds, changes and tests them. You may look at their tables, and ask them.</p>
      )}
      {problem ? <Failed problem={problem} again={again} /> : !answer ? <Waiting /> : answer.connections.length === 0 ? (
        <div class="empty"><Icon name="database" size={24} /><p class="muted">{mine ? "None yet. PostgreSQL, MySQL, MariaDB and SQLite files can be asked." : "None yet."}</p></div>
      ) : (
        <ul class="lines" data-testid="database-list">
          {answer.connections.map((one) => (
            <Line key={one.id} about={one} test={tests.get(one.id)} tables={() => setAsked({ deed: "tables", of: one })}
              {...(mine && { run: () => void test(one), ask: (deed: "change" | "delete") => setAsked({ deed, of: one }) })} />
          ))}
        </ul>
      )}
      {asked?.deed === "add" && <DatabaseForm client={client} saved={saved} close={close} />}
      {asked?.deed === "change" && <DatabaseForm client={client} about={asked.of} saved={saved} close={close} />}
      {asked?.deed === "tables" && <TablesDialog client={client} about={asked.of} close={close} />}
      {asked?.deed === "delete" && (
        <Confirm title={`Delete “${asked.of.name}”?`} label="Delete" run={() => remove(asked.of)} close={close}>
          <p>Dashboards made from it keep what they show now, but can no longer be filtered, refined or refreshed. The database itself stays as it is.</p>
        </Confirm>
      )}
    </section>
  );
}

interface LineProps {
  about: DataConnection;
  test: Test | undefined;
  tables: () => void;
  /** Tests it. Absent, as is `ask`, for who may not. */
  run?: () => void;
  ask?: (deed: "change" | "delete") => void;
}

function Line({ about, test, tables, run, ask }: LineProps) {
  const { name, kind, tls } = about;
  const waits = test === "under way";
  return (
    <li class="database stack tight" data-testid="database" data-name={name}>
      <div class="row wrap">
        <Icon name="database" />
        <span class="grow who">
          <b>{name}</b>
          <span class="muted">{[kindOf(kind), placeOf(about), kind !== "sqlite" && `TLS: ${tls}`].filter(Boolean).join(" · ")}</span>
        </span>
        <button data-testid="database-tables" aria-label={`Tables of ${name}`} onClick={tables}><Icon name="table" />Tables</button>
        {run && <button disabled={waits} data-testid="database-test" aria-label={`Test ${name}`} onClick={run}>{waits ? <span class="spinner" /> : <Icon name="check" />}Test</button>}
        {ask && (
          <Menu label={`More about ${name}`} testid="database-menu" items={[
            { label: "Change…", icon: "edit", testid: "database-change", run: () => ask("change") },
            { label: "Delete…", icon: "trash", bad: true, testid: "database-delete", run: () => ask("delete") },
          ]} />
        )}
      </div>
      {test && !waits && (
        <p class={`note ${test.ok ? "good" : "bad"}`} role="status" data-testid="database-tested" data-ok={test.ok}>
          <Icon name={test.ok ? "check" : "warn"} />
          {test.ok ? `${test.message} answered after ${test.duration_ms.toLocaleString("en")} ms.` : `It cannot be read: ${test.message}`}
        </p>
      )}
    </li>
  );
}
