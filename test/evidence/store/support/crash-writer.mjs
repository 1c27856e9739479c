// Stores answers over and over until it is ended from outside. Arguments: module of the store, its folder, a number.
import { hash } from 'node:crypto'
import { pathToFileURL } from 'node:url'

const [module, folder, seed] = process.argv.slice(2)
const { openStore } = await import(pathToFileURL(module).href)
const store = openStore(folder, { tell: ({ message }) => process.stderr.write(`${message}\n`) })

/** What question `i` is answered with: its number and a version, then filling that follows from both. */
function bytesOf(i, version) {
  const head = Buffer.from(`${i} ${version}\n`)
  const filling = hash('sha256', head, 'buffer')
  const body = Buffer.alloc(((i * 7919 + version * 104729) % 40) * 4096, filling)
  return Buffer.concat([head, body])
}

process.stdout.write('ready\n')
for (let version = Number(seed) * 1_000_000; ; version += 1) {
  await Promise.all(
    Array.from({ length: 8 }, async (_, n) => {
      const i = (version * 8 + n) % 24
      const bytes = bytesOf(i, version)
      const sha256 = hash('sha256', bytes)
      const url = `https://example.com/${i}`
      const key = { url, accept: '*/*' }
      const at = '2026-11-01T10:00:00Z'
      await store.putBlob(sha256, bytes)
      const validators = { etag: `"${version}"` }
      await store.putAnswer({
        kind: 'ok',
        key,
        at,
        keep: 'day',
        status: 200,
        url,
        sha256,
        size: bytes.length,
        validators,
        signs: [],
      })
      await store.putFact({ name: `fact ${i}`, sha256, size: bytes.length, at })
    }),
  )
}
