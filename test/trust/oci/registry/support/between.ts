import { request as ask, createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { onTestFinished } from 'vitest'

export interface Seen {
  readonly method: string
  readonly path: string
  readonly headers: IncomingHttpHeaders
}

export interface Passing {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly body: Buffer
}

/** Changes an answer on its way, or answers itself (`true`); undefined: as it is. */
export type Fault = (seen: Seen, answer: Passing, response: ServerResponse) => Partial<Passing> | true | undefined

export interface Between {
  readonly host: string
  readonly origin: string
  readonly seen: Seen[]
  fault: Fault | undefined
}

/** Stands between a client and a registry, sees everything and spoils what it is told to. */
export async function between(origin: string): Promise<Between> {
  const seen: Seen[] = []
  const server = createServer((request, response) => {
    const { method = 'GET', url: path = '/', headers } = request
    const one = { method, path, headers }
    seen.push(one)
    const onward = ask(`${origin}${path}`, { method, headers }, (answer) => {
      const chunks: Buffer[] = []
      answer.on('data', (chunk: Buffer) => chunks.push(chunk))
      answer.on('end', () => {
        const whole = { status: answer.statusCode ?? 500, headers: answer.headers, body: Buffer.concat(chunks) }
        const changed = self.fault?.(one, whole, response)
        if (changed === true) return
        const { status, headers: sent, body } = { ...whole, ...changed }
        for (const [name, value] of Object.entries(sent)) if (value !== undefined) response.setHeader(name, value)
        response.setHeader('content-length', body.length)
        response.writeHead(status)
        response.end(body)
      })
    })
    onward.on('error', () => response.destroy())
    request.pipe(onward)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  const { port } = server.address() as AddressInfo
  const self: Between = { host: `127.0.0.1:${port}`, origin: `http://127.0.0.1:${port}`, seen, fault: undefined }
  return self
}
