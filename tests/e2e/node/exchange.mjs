// Makes a key pair and a token for each algorithm, and verifies tokens it is given: one JSON object a line on standard input,
// {"do": "sign", "alg"} -> {"jwk", "token"} and {"do": "verify", "alg", "jwk", "token"} -> {"valid"}.
import { createInterface } from "node:readline";
import { SignJWT, exportJWK, generateKeyPair, importJWK, jwtVerify } from "jose";
import { randomBytes } from "node:crypto";

const expected = { issuer: "https://issuer.example", audience: "api" };

async function sign(alg) {
  let key, jwk;
  if (alg.startsWith("HS")) {
    const secret = randomBytes(64);
    jwk = { kty: "oct", k: secret.toString("base64url"), alg };
    key = secret;
  } else {
    const pair = await generateKeyPair(alg, { extractable: true });
    jwk = { ...(await exportJWK(pair.publicKey)), alg };
    key = pair.privateKey;
  }
  const token = await new SignJWT({ role: "admin" })
    .setProtectedHeader({ alg, typ: "JWT" })
    .setIssuer(expected.issuer).setAudience(expected.audience).setSubject("someone")
    .setIssuedAt().setExpirationTime("5m").sign(key);
  return { jwk, token };
}

async function verify({ alg, jwk, token }) {
  try {
    await jwtVerify(token, await importJWK(jwk, alg), { ...expected, algorithms: [alg] });
    return { valid: true };
  } catch (error) {
    return { valid: false, code: error.code ?? String(error) };
  }
}

for await (const line of createInterface({ input: process.stdin })) {
  const request = JSON.parse(line);
  console.log(JSON.stringify(request.do === "sign" ? await sign(request.alg) : await verify(request)));
}
