import type { Component } from '../model/component.js'
import type { Party } from '../model/document.js'
import { clean } from './clean.js'

/** Who made a component, as its manifest names them; blank entries name nobody. */
export function authorsOf(component: Component): readonly string[] {
  return (component.authors ?? []).filter((author) => author.trim() !== '')
}

/** An author as manifests write them, `Name <mail>`; no mail where it is none that every schema takes. */
export function splitPerson(text: string): { readonly name: string; readonly email?: string } {
  const open = text.lastIndexOf('<')
  const email = open > 0 && text.endsWith('>') ? text.slice(open + 1, -1) : ''
  const name = text.slice(0, Math.max(open, 0)).trim()
  return name !== '' && isMail(email) ? { name: clean(name), email } : { name: clean(text.trim()) }
}

/** What every reading of the schema's `idn-email` takes: the plain form with a domain of two labels or more, nothing quoted. */
export function isMail(text: string): boolean {
  return (
    text.length <= 254 &&
    /^[A-Za-z0-9][A-Za-z0-9._+-]*@[A-Za-z0-9][A-Za-z0-9.-]*\.[A-Za-z0-9-]*[A-Za-z]$/.test(text) &&
    !/\.\.|\.@|-\.|\.-/.test(text)
  )
}

/** SPDX 2.3 §6.8: `Name (mail)`. */
export function partyText({ name, email }: Pick<Party, 'name' | 'email'>): string {
  return clean(email === undefined ? name.trim() : `${name.trim()} (${email})`)
}
