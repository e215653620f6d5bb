// What the libraries of Node.js say of tokens. Standard input: one JSON object a line, {alg, key, iss, aud, tokens}, key a JWK.
// Standard output: for each, one object {library: [true | false, ...]} of those that offer the algorithm.
import { createPublicKey } from "node:crypto";
import { createInterface } from "node:readline";
import { createVerifier } from "fast-jwt";
import { importJWK, jwtVerify } from "jose";
import jsonwebtoken from "jsonwebtoken";

const accepts = async (verify, tokens) => {
  const verdicts = [];
  for (const token of tokens) {
    try {
      await verify(token);
      verdicts.push(true);
    } catch {
      verdicts.push(false);
    }
  }
  return verdicts;
};

for await (const line of createInterface({ input: process.stdin })) {
  const { alg, key, iss, aud, tokens } = JSON.parse(line);
  const text = key.kty === "oct" ? Buffer.from(key.k, "base64url") : createPublicKey({ key, format: "jwk" }).export({ type: "spki", format: "pem" });
  const parsed = await importJWK(key, alg);
  const fast = createVerifier({ key: text, algorithms: [alg], allowedIss: iss, allowedAud: aud, requiredClaims: ["exp"], cache: false });
  const verdicts = {
    jose: await accepts((token) => jwtVerify(token, parsed, { algorithms: [alg], issuer: iss, audience: aud, requiredClaims: ["exp"] }), tokens),
    "fast-jwt": await accepts(fast, tokens),
  };
  if (alg !== "EdDSA") {
    const options = { algorithms: [alg], issuer: iss, audience: aud };
    verdicts.jsonwebtoken = await accepts((token) => jsonwebtoken.verify(token, text, options), tokens);
  }
  console.log(JSON.stringify(verdicts));
}
