// A Bluesky network on loopback, by the network's own development kit: PDS and PLC directory, with BSKY_APPVIEW=1 the
// AppView too. Writes the addresses to the file READY when all of it answers.
//
// TTL is a folder: while it holds a file `DID.access` or `DID.refresh` with a number of seconds, tokens of that kind for
// that account live so long; 0 or less is expired at birth. So tests can see expired sessions without waiting two hours.
import fs from 'node:fs'
import net from 'node:net'
import path from 'node:path'
import { SignJWT } from 'jose'

const env = process.env

// The kit listens on every interface: keep it on loopback.
const listen = net.Server.prototype.listen
net.Server.prototype.listen = function (where, ...rest) {
  if (typeof where === 'number' || typeof where === 'string') where = { port: +where, host: '127.0.0.1' }
  else if (where && typeof where === 'object' && !where.path) where = { ...where, host: '127.0.0.1' }
  return listen.call(this, where, ...rest.filter((argument) => typeof argument === 'function'))
}

// The PDS signs an access token without, a refresh token with a JWT id; both name the account first.
const { setSubject, setJti, setExpirationTime } = SignJWT.prototype
const owner = new WeakMap()
SignJWT.prototype.setSubject = function (did) {
  owner.set(this, { did, kind: 'access' })
  return setSubject.call(this, did)
}
SignJWT.prototype.setJti = function (id) {
  if (owner.has(this)) owner.get(this).kind = 'refresh'
  return setJti.call(this, id)
}
SignJWT.prototype.setExpirationTime = function (wanted) {
  const { did, kind } = owner.get(this) ?? {}
  const file = did && path.join(env.TTL, `${did}.${kind}`)
  if (file && fs.existsSync(file)) wanted = Math.floor(Date.now() / 1000) + Number(fs.readFileSync(file, 'utf8'))
  return setExpirationTime.call(this, wanted)
}

const { TestNetwork, TestNetworkNoAppView } = await import('@atproto/dev-env')
const kind = env.BSKY_APPVIEW === '1' ? TestNetwork : TestNetworkNoAppView
const network = await kind.create({
  plc: { port: +env.PLC_PORT },
  pds: { port: +env.BSKY_PORT, hostname: 'localhost', rateLimitsEnabled: env.PDS_RATE_LIMITS === '1' },
})
const addresses = { plc: network.plc.url, appview: network.bsky?.url }
fs.writeFileSync(`${env.READY}.new`, JSON.stringify(addresses))
fs.renameSync(`${env.READY}.new`, env.READY)
for (const signal of ['SIGTERM', 'SIGINT']) {
  process.on(signal, async () => {
    setTimeout(() => process.exit(0), 5000).unref()
    await network.close().catch(() => {})
    process.exit(0)
  })
}
