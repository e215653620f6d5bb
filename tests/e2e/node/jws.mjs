// Signs and verifies with npm's jose: one JSON object a line on standard input,
// {"do": "sign", "form", "alg", "key", "payload"} -> {"message"} and
// {"do": "verify", "form", "alg", "key", "message"} -> {"payload"} or {"error"}.
// `key` is a private or octet JWK; `form` is compact, flattened, general or unencoded (flattened, RFC 7797).
import { createInterface } from "node:readline";
import { CompactSign, FlattenedSign, GeneralSign, compactVerify, flattenedVerify, generalVerify, importJWK } from "jose";

const bytes = (text) => new TextEncoder().encode(text);
const text = (data) => new TextDecoder().decode(data);

async function keyOf({ key, alg }, half) {
  if (key.kty === "oct") return Buffer.from(key.k, "base64url");
  const { kty, crv, n, e, x, y } = key;
  return importJWK(half === "public" ? { kty, crv, n, e, x, y } : { ...key, alg }, alg);
}

async function sign(request) {
  const { form, alg, payload } = request;
  const key = await keyOf(request, "private");
  if (form === "compact") return { message: await new CompactSign(bytes(payload)).setProtectedHeader({ alg }).sign(key) };
  if (form === "flattened") {
    const message = await new FlattenedSign(bytes(payload)).setProtectedHeader({ alg }).setUnprotectedHeader({ note: "x" }).sign(key);
    return { message: JSON.stringify(message) };
  }
  if (form === "unencoded") {
    const message = await new FlattenedSign(bytes(payload)).setProtectedHeader({ alg, b64: false, crit: ["b64"] }).sign(key);
    return { message: JSON.stringify({ ...message, payload }) }; // jose leaves the payload to its caller
  }
  const several = new GeneralSign(bytes(payload));
  several.addSignature(key).setProtectedHeader({ alg });
  several.addSignature(key).setProtectedHeader({ alg, typ: "second" });
  return { message: JSON.stringify(await several.sign()) };
}

async function verify(request) {
  const { form, alg, message } = request;
  const key = await keyOf(request, "public");
  const options = { algorithms: [alg] };
  try {
    const verified = form === "compact" ? await compactVerify(message, key, options)
      : form === "general" ? await generalVerify(JSON.parse(message), key, options)
      : await flattenedVerify(JSON.parse(message), key, options);
    return { payload: text(verified.payload) };
  } catch (error) {
    return { error: error.code ?? String(error) };
  }
}

for await (const line of createInterface({ input: process.stdin })) {
  const request = JSON.parse(line);
  console.log(JSON.stringify(await (request.do === "sign" ? sign : verify)(request)));
}
