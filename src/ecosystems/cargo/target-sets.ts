import type { Target } from './cfg.js'

/** Values rustc sets by operating system; the rest of a set follows from the parts of the triple. */
const SYSTEMS: readonly {
  readonly match: RegExp
  readonly os: string
  readonly family: readonly string[]
  readonly vendor: string
}[] = [
  { match: /-linux-android/, os: 'android', family: ['unix'], vendor: 'unknown' },
  { match: /-linux-/, os: 'linux', family: ['unix'], vendor: 'unknown' },
  { match: /-apple-darwin$/, os: 'macos', family: ['unix'], vendor: 'apple' },
  { match: /-apple-ios/, os: 'ios', family: ['unix'], vendor: 'apple' },
  { match: /-windows-/, os: 'windows', family: ['windows'], vendor: 'pc' },
  { match: /-freebsd$/, os: 'freebsd', family: ['unix'], vendor: 'unknown' },
  { match: /-netbsd$/, os: 'netbsd', family: ['unix'], vendor: 'unknown' },
  { match: /-openbsd$/, os: 'openbsd', family: ['unix'], vendor: 'unknown' },
  { match: /-illumos$/, os: 'illumos', family: ['unix'], vendor: 'unknown' },
  { match: /-solaris$/, os: 'solaris', family: ['unix'], vendor: 'sun' },
  { match: /-wasip?\d?$|-wasi$/, os: 'wasi', family: ['wasm'], vendor: 'unknown' },
  { match: /^wasm32-unknown-unknown$/, os: 'unknown', family: ['wasm'], vendor: 'unknown' },
  { match: /-none/, os: 'none', family: [], vendor: 'unknown' },
]

const ARCHES: ReadonlyMap<string, readonly [arch: string, width: string]> = new Map([
  ['x86_64', ['x86_64', '64']],
  ['i686', ['x86', '32']],
  ['i586', ['x86', '32']],
  ['aarch64', ['aarch64', '64']],
  ['arm64', ['aarch64', '64']],
  ['armv7', ['arm', '32']],
  ['arm', ['arm', '32']],
  ['thumbv7em', ['arm', '32']],
  ['riscv64gc', ['riscv64', '64']],
  ['powerpc64le', ['powerpc64', '64']],
  ['powerpc64', ['powerpc64', '64']],
  ['s390x', ['s390x', '64']],
  ['loongarch64', ['loongarch64', '64']],
  ['wasm32', ['wasm32', '32']],
])
const BIG_ENDIAN: ReadonlySet<string> = new Set(['powerpc64', 's390x'])

/**
 * The configuration values that dependency tables ask for, derived from each triple. Without rustc the target features
 * and atomics of a triple are not known; expressions over them count as false, as cargo does for what is not set.
 */
export function targetSets(triples: readonly string[]): readonly Target[] {
  return triples.map((triple) => ({ triple, cfg: new Set(values(triple)) }))
}

function values(triple: string): string[] {
  const [first = ''] = triple.split('-')
  const [arch, width] = ARCHES.get(first) ?? [first, '64']
  const system = SYSTEMS.find(({ match }) => match.test(triple))
  const env = ['gnu', 'musl', 'msvc', 'sgx', 'uclibc', 'ohos'].find((name) => new RegExp(`-${name}`).test(triple)) ?? ''
  const found = [
    'debug_assertions',
    'panic="unwind"',
    `target_arch="${arch}"`,
    `target_pointer_width="${width}"`,
    `target_endian="${BIG_ENDIAN.has(first) ? 'big' : 'little'}"`,
    `target_env="${env}"`,
    `target_os="${system?.os ?? 'unknown'}"`,
    `target_vendor="${system?.vendor ?? 'unknown'}"`,
  ]
  for (const family of system?.family ?? []) {
    found.push(`target_family="${family}"`)
    if (family !== 'wasm') found.push(family)
  }
  return found
}
