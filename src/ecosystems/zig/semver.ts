const CORE = /^(?:0|[1-9][0-9]*)$/
const IDENTIFIER = /^[0-9A-Za-z-]+$/

/** True for `MAJOR.MINOR.PATCH[-pre][+build]` as zig's own reader takes it: no leading `v`, no leading zeros (spec/zig.md §3.1). */
export function isSemVer(text: string): boolean {
  const plus = text.indexOf('+')
  const build = plus < 0 ? undefined : text.slice(plus + 1)
  const beforeBuild = plus < 0 ? text : text.slice(0, plus)
  const dash = beforeBuild.indexOf('-')
  const pre = dash < 0 ? undefined : beforeBuild.slice(dash + 1)
  const core = (dash < 0 ? beforeBuild : beforeBuild.slice(0, dash)).split('.')
  return (
    core.length === 3 &&
    core.every((part) => CORE.test(part)) &&
    (pre === undefined || pre.split('.').every(isPreIdentifier)) &&
    (build === undefined || build.split('.').every((part) => IDENTIFIER.test(part)))
  )
}

/** Numbers in a pre-release have no leading zero either. */
function isPreIdentifier(part: string): boolean {
  return IDENTIFIER.test(part) && (!/^[0-9]+$/.test(part) || CORE.test(part))
}
