// Verifies one access token as a service in another language would: `node verify.mjs URL AUDIENCE TOKEN [ISSUER]`.
import { createRemoteJWKSet, jwtVerify } from "jose";

const [url, audience, token, issuer = url] = process.argv.slice(2);
try {
  const keys = createRemoteJWKSet(new URL(url + "/.well-known/jwks.json"));
  const { payload, protectedHeader } = await jwtVerify(token, keys, { issuer, audience, typ: "at+jwt" });
  console.log(JSON.stringify({ valid: true, sub: payload.sub, alg: protectedHeader.alg }));
} catch (error) {
  console.log(JSON.stringify({ valid: false, code: error.code ?? String(error) }));
}
