// jose, jsonwebtoken and fast-jwt under Node.js: see ../README.md.
import { createPrivateKey, createPublicKey, createSecretKey } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import * as jose from 'jose'

const require = createRequire(import.meta.url)
const jsonwebtoken = require('jsonwebtoken')
const { createSigner, createVerifier } = require('fast-jwt')
const version = (name) => JSON.parse(readFileSync(new URL(`node_modules/${name}/package.json`, import.meta.url))).version

const seconds = Number(process.argv[2])
const expected = { issuer: 'https://auth.example', audience: 'api' }

const now = () => { const { user, system } = process.cpuUsage(); return (user + system) * 1000 }

// Nanoseconds of processor time of one `work()`, which may be a promise.
async function measure (work, isAsync) {
  let times = 1
  let end
  const slices = []
  while (end === undefined || now() < end) {
    const begin = now()
    if (isAsync) for (let i = 0; i < times; ++i) await work()
    else for (let i = 0; i < times; ++i) work()
    const took = now() - begin
    if (end === undefined && took < 20e6) {
      times *= 2
    } else {
      end ??= now() + seconds * 1e9
      slices.push(took / times)
    }
  }
  return slices.sort((a, b) => a - b)[slices.length >> 1]
}

async function print (peer, name, work, isAsync = false) {
  await work() // throws when the token is refused
  console.log(JSON.stringify({ peer, name, ns: await measure(work, isAsync) }))
}

for (const line of readFileSync(0, 'utf8').split('\n').filter(Boolean)) {
  const { algorithm, token, ...key } = JSON.parse(line)
  const isShared = algorithm === 'HS256'
  const secret = isShared && Buffer.from(key.secret, 'base64url')
  const publicKey = isShared ? createSecretKey(secret) : createPublicKey(key.public_pem)
  const privateKey = isShared ? publicKey : createPrivateKey(key.private_pem)
  const claims = jose.decodeJwt(token)
  const verify = `verify ${algorithm}`
  const sign = `sign ${algorithm}`

  const joseName = `jose ${version('jose')}`
  await print(joseName, verify, () => jose.jwtVerify(token, publicKey, { ...expected, algorithms: [algorithm] }), true)
  await print(joseName, sign, () => new jose.SignJWT(claims).setProtectedHeader({ alg: algorithm }).sign(privateKey), true)

  if (algorithm !== 'EdDSA') { // which jsonwebtoken does not know
    const name = `jsonwebtoken ${version('jsonwebtoken')}`
    await print(name, verify, () => jsonwebtoken.verify(token, publicKey, { ...expected, algorithms: [algorithm] }))
    await print(name, sign, () => jsonwebtoken.sign(claims, privateKey, { algorithm }))
  }

  const fastName = `fast-jwt ${version('fast-jwt')}`
  const rules = { key: isShared ? secret : key.public_pem, algorithms: [algorithm], allowedIss: expected.issuer, allowedAud: expected.audience }
  const verifyFast = createVerifier(rules)
  const verifyCached = createVerifier({ ...rules, cache: true })
  const signFast = createSigner({ key: isShared ? secret : key.private_pem, algorithm })
  await print(fastName, verify, () => verifyFast(token))
  await print(`${fastName}, cache hit`, verify, () => verifyCached(token))
  await print(fastName, sign, () => signFast(claims))
}
