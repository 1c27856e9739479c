export type StyleName = 'bold' | 'dim' | 'red' | 'yellow' | 'green' | 'cyan'

/** Colours a text, or gives it back as it is; chosen at the edge, so that writers know nothing of terminals. */
export type Style = (name: StyleName, text: string) => string

export const PLAIN: Style = (_name, text) => text
