// Counts in a fact that others count in too. Arguments: module of the store, its folder, how far.
import { hash, randomUUID } from 'node:crypto'
import { pathToFileURL } from 'node:url'

const [module, folder, times] = process.argv.slice(2)
const { openStore } = await import(pathToFileURL(module).href)
const store = openStore(folder, { tell: ({ message }) => process.stderr.write(`${message}\n`) })

for (let done = 0; done < Number(times); ) {
  const { name, sha256, size, at } = store.fact('count')
  const next = { name, sha256: hash('sha256', randomUUID()), size: size + 1, at }
  if ((await store.replaceFact(sha256, next))?.sha256 === next.sha256) done += 1
}
