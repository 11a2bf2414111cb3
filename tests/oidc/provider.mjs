// An OpenID Connect provider, after a first line that says its port. Whoever gives an e-mail address as login has it; it is
// verified unless it begins with `unverified`.
import { createServer } from "node:http";
import { Provider } from "oidc-provider";

const server = createServer();
server.listen(0, "127.0.0.1", () => {
  const { port } = server.address();
  const provider = new Provider(`http://127.0.0.1:${port}`, {
    clients: [{ client_id: "rooms", client_secret: "a secret of the tests", redirect_uris: ["http://127.0.0.1/any"] }],
    claims: { email: ["email", "email_verified"], profile: ["name"] },
    findAccount: (_ctx, id) => ({
      accountId: id,
      claims: () => ({ sub: id, email: id, email_verified: !id.startsWith("unverified"), name: id.split("@")[0] }),
    }),
  });
  // The server that signs in by this one has a port of its own, which nobody knows yet.
  provider.Client.prototype.redirectUriAllowed = (uri) => /^http:\/\/127\.0\.0\.1:\d+\/server\/auth\/oauth\/\w+\/callback$/.test(uri);
  server.on("request", provider.callback());
  console.log(JSON.stringify({ port }));
});
// However the tests end, this does, too.
process.stdin.resume().on("end", () => process.exit());
