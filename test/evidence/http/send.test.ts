import { createSecureServer } from 'node:http2'
import { describe, expect, it, onTestFinished } from 'vitest'
import type { SendOutcome, SendRequest } from '../../../src/evidence/http/send.js'
import { LOCALHOST } from './support/certificates.js'
import { testClient } from './support/clients.js'

describe('a request that writes, over HTTP/2', () => {
  it('carries its body whole and once; HEAD has a length and no body', async () => {
    const seen: string[] = []
    const server = createSecureServer(LOCALHOST, (request, response) => {
      let length = 0
      request.on('data', (chunk: Buffer) => {
        length += chunk.length
      })
      request.on('end', () => {
        seen.push(`${request.method} ${request.url} ${length}`)
        const isHead = request.method === 'HEAD'
        response.writeHead(request.method === 'POST' ? 202 : 200, isHead ? { 'content-length': '12345' } : { location: '/x' })
        response.end(isHead ? '' : 'said')
      })
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()))
    const address = server.address()
    const client = testClient()
    onTestFinished(async () => {
      await client.close()
      server.close()
    })
    const origin = `https://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`
    const send = (method: SendRequest['method'], path: string, body?: Uint8Array): Promise<SendOutcome> =>
      client.send({ method, url: `${origin}${path}`, body })
    expect(await send('HEAD', '/a')).toMatchObject({ kind: 'reply', status: 200, bytes: new Uint8Array() })
    expect(await send('POST', '/b', new Uint8Array())).toMatchObject({ kind: 'reply', status: 202 })
    const put = await send('PUT', '/c', Buffer.alloc(3_000_000))
    expect(put.kind === 'reply' && [put.status, put.headers.get('location'), Buffer.from(put.bytes).toString()]).toEqual([
      200,
      '/x',
      'said',
    ])
    expect(seen).toEqual(['HEAD /a 0', 'POST /b 0', 'PUT /c 3000000'])
  })
})
