// A client that has a key: logs in, asks for its profile, refreshes, with npm's dpop. `node dpop.mjs URL ALG USERNAME PASSWORD`.
// Standard output: a JSON object a line, {step, status, token_type, error, challenge, asked}; `asked`: the server wanted
// a nonce, and this is its answer to the same request with one.
import { generateKeyPair, generateProof, calculateThumbprint } from "dpop";

const [issuer, alg, username, password] = process.argv.slice(2);
const keys = await generateKeyPair(alg);
const thief = await generateKeyPair(alg);

let nonce;

const ask = async (step, method, path, { body, token, scheme = "DPoP", pair = keys, proof } = {}, asked = false) => {
  const url = issuer + path;
  const headers = { DPoP: proof ?? (await generateProof(pair, url, method, nonce, token)) };
  if (token) headers.Authorization = `${scheme} ${token}`;
  if (body) headers["Content-Type"] = "application/json";
  const answer = await fetch(url, { method, headers, body: body && JSON.stringify(body) });
  const text = await answer.text();
  const json = text ? JSON.parse(text) : {};
  nonce = answer.headers.get("DPoP-Nonce") ?? nonce;
  if (json.error === "use_dpop_nonce" && !asked) return ask(step, method, path, { body, token, scheme, pair, proof }, true);
  console.log(JSON.stringify({ step, status: answer.status, token_type: json.token_type, error: json.error,
    challenge: answer.headers.get("WWW-Authenticate"), username: json.username, asked }));
  return json;
};

const login = await ask("login", "POST", "/login", { body: { username, password } });
const claims = JSON.parse(Buffer.from(login.access_token.split(".")[1], "base64url"));
console.log(JSON.stringify({ step: "bound", same: claims.cnf.jkt === (await calculateThumbprint(keys.publicKey)) }));
await ask("profile", "GET", "/profile", { token: login.access_token });
await ask("as a bearer token", "GET", "/profile", { token: login.access_token, scheme: "Bearer" });
await ask("by a thief", "GET", "/profile", { token: login.access_token, pair: thief });
const once = await generateProof(keys, issuer + "/profile", "GET", nonce, login.access_token);
await ask("a proof", "GET", "/profile", { token: login.access_token, proof: once });
await ask("the same proof", "GET", "/profile", { token: login.access_token, proof: once });
await ask("refresh by a thief", "POST", "/refresh", { body: { refresh_token: login.refresh_token }, pair: thief });
const next = await ask("refresh", "POST", "/refresh", { body: { refresh_token: login.refresh_token } });
await ask("profile again", "GET", "/profile", { token: next.access_token });
