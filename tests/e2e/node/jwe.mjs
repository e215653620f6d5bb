// Encrypts and decrypts with npm's jose: one JSON object a line on standard input,
// {"do": "encrypt", "form", "alg", "enc", "key", "plaintext"} -> {"message"} and
// {"do": "decrypt", "form", "alg", "enc", "key", "message"} -> {"plaintext"} or {"error"}.
// `key` is a private or octet JWK, or {"passphrase"}; `form` is compact, flattened or general.
import { createInterface } from "node:readline";
import {
  CompactEncrypt, FlattenedEncrypt, GeneralEncrypt, compactDecrypt, flattenedDecrypt, generalDecrypt, importJWK,
} from "jose";

const bytes = (text) => new TextEncoder().encode(text);
const text = (data) => new TextDecoder().decode(data);
const seen = "additional data";

async function keyOf({ key, alg }, half) {
  if (key.passphrase) return bytes(key.passphrase);
  if (key.kty === "oct") return Buffer.from(key.k, "base64url");
  const { kty, crv, n, e, x, y } = key;
  return importJWK(half === "public" ? { kty, crv, n, e, x, y } : { ...key, alg }, alg);
}

async function encrypt(request) {
  const { form, alg, enc, plaintext } = request;
  const key = await keyOf(request, "public");
  const header = { alg, enc };
  if (form === "compact") {
    return { message: await new CompactEncrypt(bytes(plaintext)).setProtectedHeader(header).encrypt(key) };
  }
  if (form === "flattened") {
    const message = await new FlattenedEncrypt(bytes(plaintext)).setProtectedHeader(header)
      .setAdditionalAuthenticatedData(bytes(seen)).encrypt(key);
    return { message: JSON.stringify(message) };
  }
  const several = new GeneralEncrypt(bytes(plaintext)).setProtectedHeader({ enc })
    .setAdditionalAuthenticatedData(bytes(seen));
  several.addRecipient(key).setUnprotectedHeader({ alg });
  several.addRecipient(key).setUnprotectedHeader({ alg });
  return { message: JSON.stringify(await several.encrypt()) };
}

async function decrypt(request) {
  const { form, alg, enc, message } = request;
  const key = await keyOf(request, "private");
  const options = { keyManagementAlgorithms: [alg], contentEncryptionAlgorithms: [enc], maxPBES2Count: 20000 };
  try {
    const opened = form === "compact" ? await compactDecrypt(message, key, options)
      : form === "flattened" ? await flattenedDecrypt(JSON.parse(message), key, options)
      : await generalDecrypt(JSON.parse(message), key, options);
    return { plaintext: text(opened.plaintext) };
  } catch (error) {
    return { error: error.code ?? String(error) };
  }
}

for await (const line of createInterface({ input: process.stdin })) {
  const request = JSON.parse(line);
  console.log(JSON.stringify(await (request.do === "encrypt" ? encrypt : decrypt)(request)));
}
