// A mail server that prints each letter as a line of JSON, after a first line that says its port:
// `node sink.mjs plain|starttls|tls [KEY CERT] [--later N]`. With `--later N` the first N letters are refused for now.
import { readFileSync } from "node:fs";
import { SMTPServer } from "smtp-server";

const [mode, ...rest] = process.argv.slice(2);
const later = rest.indexOf("--later");
let refusals = later >= 0 ? Number(rest[later + 1]) : 0;
const [key, cert] = mode === "plain" ? [] : rest.slice(0, 2).map((path) => readFileSync(path));

const server = new SMTPServer({
  secure: mode === "tls",
  ...(key && { key, cert }),
  disabledCommands: mode === "plain" ? ["STARTTLS", "AUTH"] : [],
  authOptional: mode === "plain",
  logger: false,
  onAuth: ({ username, password }, _session, done) =>
    password === "secret" ? done(null, { user: username }) : done(new Error("wrong password")),
  onRcptTo: (_address, _session, done) => {
    if (refusals-- <= 0) return done();
    console.log(JSON.stringify({ refused: true }));
    done(Object.assign(new Error("greylisted, come back later"), { responseCode: 451 }));
  },
  onData: (stream, session, done) => {
    const chunks = [];
    stream.on("data", (chunk) => chunks.push(chunk));
    stream.on("end", () => {
      const { mailFrom, rcptTo } = session.envelope;
      const raw = Buffer.concat(chunks).toString("utf8");
      const to = rcptTo.map(({ address }) => address);
      console.log(JSON.stringify({ from: mailFrom.address, to, raw, secure: session.secure, user: session.user ?? null }));
      done();
    });
  },
});
server.on("error", () => {});
server.listen(0, "127.0.0.1", () => console.log(JSON.stringify({ port: server.server.address().port })));
// However the tests end, this does, too.
process.stdin.resume().on("end", () => process.exit());
